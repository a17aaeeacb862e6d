@NullMarked
package dev.sinkwatch.analyzer.truth;

import org.jspecify.annotations.NullMarked;

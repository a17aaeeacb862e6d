@NullMarked
package dev.sinkwatch.analyzer.mixer;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.sinkwatch.analyzer.alarm;

import org.jspecify.annotations.NullMarked;

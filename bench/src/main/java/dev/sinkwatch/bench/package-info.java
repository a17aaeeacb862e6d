/** Measures the analyzer: JMH benchmarks, and the side of {@code bench/compare} that is ours. */
@NullMarked
package dev.sinkwatch.bench;

import org.jspecify.annotations.NullMarked;

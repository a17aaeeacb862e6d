@NullMarked
package dev.sinkwatch.dashboard.metrics;

import org.jspecify.annotations.NullMarked;

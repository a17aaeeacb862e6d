@NullMarked
package dev.sinkwatch.dashboard.runs;

import org.jspecify.annotations.NullMarked;

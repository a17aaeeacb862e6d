/** What is known of runs, by their verdicts. */
@NullMarked
package dev.sinkwatch.dashboard.runs;

import org.jspecify.annotations.NullMarked;

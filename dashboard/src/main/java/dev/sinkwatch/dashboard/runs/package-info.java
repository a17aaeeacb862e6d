/** What is known of the runs whose verdicts this monitor owns. */
@NullMarked
package dev.sinkwatch.dashboard.runs;

import org.jspecify.annotations.NullMarked;

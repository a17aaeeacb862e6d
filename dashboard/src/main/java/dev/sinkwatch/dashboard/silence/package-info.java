/** Alarms that somebody does not want to be told of for a while; they stand and are shown. */
@NullMarked
package dev.sinkwatch.dashboard.silence;

import org.jspecify.annotations.NullMarked;

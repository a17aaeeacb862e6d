/**
 * Known mixers through the monitor's own topics: what is lost, late or wrong is seen first here.
 */
@NullMarked
package dev.sinkwatch.dashboard.canary;

import org.jspecify.annotations.NullMarked;

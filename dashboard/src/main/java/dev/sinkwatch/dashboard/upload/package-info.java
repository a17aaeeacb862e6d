/** Snapshots that come over HTTP on their way to Kafka. */
@NullMarked
package dev.sinkwatch.dashboard.upload;

import org.jspecify.annotations.NullMarked;

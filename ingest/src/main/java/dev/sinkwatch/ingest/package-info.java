/** Bytes to shards: what a snapshot is, how it travels, where it comes from. */
@NullMarked
package dev.sinkwatch.ingest;

import org.jspecify.annotations.NullMarked;

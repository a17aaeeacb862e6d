package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.SnapshotId;

/** One tensor of a run, whatever the attempt and the step. */
record Layer(String run, String name) {

  static Layer of(SnapshotId id) {
    return new Layer(id.run(), id.layer());
  }
}

package dev.sinkwatch.dashboard.upload;

import java.util.Locale;

/** What became of an upload. */
public enum UploadOutcome {
  /** Kafka has acknowledged every shard. */
  ACCEPTED(202),
  /** Something is wrong with it, and will be wrong the next time. */
  REJECTED(400),
  /** It is larger than is taken. */
  TOO_LARGE(413),
  /** Too many others are under way. */
  BUSY(429),
  /** Kafka takes no such records, and will not until somebody mends it. */
  REFUSED(502),
  /** Kafka does not take records for now. */
  UNAVAILABLE(503),
  /** The client sent nothing for too long, or too little. */
  STALLED(408),
  /** The client went away. */
  ABORTED(0),
  /** A defect of sinkwatch. */
  FAILED(500);

  private final int status;

  UploadOutcome(int status) {
    this.status = status;
  }

  /** The HTTP status that says so; 0: nobody is there to hear it. */
  public int status() {
    return status;
  }

  /** As metrics write it. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

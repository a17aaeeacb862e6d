package dev.sinkwatch.ingest;

import java.io.IOException;

/** Input that cannot be read as shards; its message is one line that helps. */
public final class RejectedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  public RejectedException(Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  public Rejection rejection() {
    return new Rejection(reason, String.valueOf(getMessage()));
  }
}

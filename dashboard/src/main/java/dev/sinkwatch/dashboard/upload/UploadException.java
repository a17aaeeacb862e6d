package dev.sinkwatch.dashboard.upload;

import java.io.IOException;

/** An upload that came to another end than it should; its message is one line for the client. */
public final class UploadException extends IOException {
  private static final long serialVersionUID = 1L;

  private final UploadOutcome outcome;
  private final String reason;

  /**
   * @param reason a word for programs, with dashes; one of few
   */
  public UploadException(UploadOutcome outcome, String reason, String line) {
    super(line);
    this.outcome = outcome;
    this.reason = reason;
  }

  public UploadOutcome outcome() {
    return outcome;
  }

  public String reason() {
    return reason;
  }

  /** The line. */
  public String line() {
    return String.valueOf(getMessage());
  }
}

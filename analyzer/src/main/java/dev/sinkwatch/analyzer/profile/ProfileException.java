package dev.sinkwatch.analyzer.profile;

/** A profile that cannot be used; its message is one line that names the place. */
public final class ProfileException extends Exception {
  private static final long serialVersionUID = 1;

  ProfileException(String message) {
    super(message);
  }
}

package dev.sinkwatch.dashboard.access;

/** What comes of credentials. */
public sealed interface Admission {

  /** They are a user's. */
  record Granted(User user) implements Admission {}

  /** They are nobody's, or not any more. */
  record Refused() implements Admission {}

  /** Too many wait to be verified; later they may be looked at. */
  record Busy() implements Admission {}
}

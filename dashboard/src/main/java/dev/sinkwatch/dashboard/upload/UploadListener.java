package dev.sinkwatch.dashboard.upload;

/** Hears of uploads, from any thread; must be quick and must not throw. */
public interface UploadListener {

  /** Hears nothing. */
  UploadListener NONE = new UploadListener() {};

  /** So many more bytes of bodies have come. */
  default void received(long bytes) {}

  /**
   * One has come to its end.
   *
   * @param reason a word that says why; empty if it was accepted
   */
  default void ended(UploadOutcome outcome, String reason) {}
}

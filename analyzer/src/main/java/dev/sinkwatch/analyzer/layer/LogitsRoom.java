package dev.sinkwatch.analyzer.layer;

/** Room for the first logits of the layers of one lane. For one thread at a time. */
final class LogitsRoom {

  /** 128 bytes a layer of four streams: room for 65,000 of those. */
  private static final long BYTES = 8 << 20;

  private long left = BYTES;

  /** Whether there was room for so many bytes, which are taken then. */
  boolean take(long bytes) {
    boolean fits = bytes <= left;
    left -= fits ? bytes : 0;
    return fits;
  }

  void giveBack(long bytes) {
    left += bytes;
  }
}

package dev.sinkwatch.analyzer;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Room for complete snapshots that wait for other tensors of their site, of all lanes together.
 * Safe for use by several threads.
 */
final class JoinRoom {

  /**
   * Of what may wait for rows so much may wait here: small, since tensors that speak for a site
   * are.
   */
  private static final int SHARE = 8;

  private final long maxBytes;
  private final AtomicLong taken = new AtomicLong();

  private JoinRoom(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * @param maxBufferedBytes most that waits for rows and here together
   */
  static JoinRoom within(long maxBufferedBytes) {
    return new JoinRoom(maxBufferedBytes / SHARE);
  }

  /** Whether so much would have room if nothing else waited. */
  boolean fits(long bytes) {
    return bytes <= maxBytes;
  }

  /** Whether there was so much room, which is taken then. */
  boolean take(long bytes) {
    long before = taken.getAndUpdate(now -> bytes <= maxBytes - now ? now + bytes : now);
    return bytes <= maxBytes - before;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes that wait. */
  long bytes() {
    return taken.get();
  }
}

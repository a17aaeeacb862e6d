package dev.sinkwatch.analyzer.layer;

/**
 * Room for what the layers of one lane leave for their next snapshots. Who has a place keeps it; a
 * newcomer that finds none goes without. For one thread at a time.
 */
final class KeptRoom {

  /** First logits take 128 bytes a layer of four streams: room for 65,000 of those. */
  private static final long LOGITS = 8 << 20;

  private final long bytes;
  private long left;
  private boolean refused;

  KeptRoom(long bytes) {
    this.bytes = bytes;
    this.left = bytes;
  }

  static KeptRoom ofLogits() {
    return new KeptRoom(LOGITS);
  }

  /** Whether there was room for so many bytes, which are taken then. */
  boolean take(long some) {
    boolean fits = some <= left;
    refused |= !fits && some <= bytes; // what never fits has no place to wait for
    left -= fits ? some : 0;
    return fits;
  }

  void giveBack(long some) {
    left += some;
  }

  /** Bytes that are taken. */
  long taken() {
    return bytes - left;
  }

  /** Whether a newcomer found no place since this was asked last. */
  boolean wasRefused() {
    boolean was = refused;
    refused = false;
    return was;
  }
}

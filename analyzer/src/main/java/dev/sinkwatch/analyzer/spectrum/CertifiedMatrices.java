package dev.sinkwatch.analyzer.spectrum;

/**
 * Room for the snapshots that were certified last, one a layer, so that the distance of the next
 * ones from them carries the certificate on. Who has a place keeps it, and a newcomer that finds
 * none is refused and certified anew each time: what is said of a layer does not depend on when
 * others come, and layers in turn do not drive each other out. For one thread at a time.
 */
public final class CertifiedMatrices {
  private final long maxBytes;
  private long bytes;
  private boolean refused;

  /**
   * @param maxBytes most that they take together
   */
  public CertifiedMatrices(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Bytes that are taken. */
  public long bytes() {
    return bytes;
  }

  /** Whether a newcomer found no place since this was asked last. */
  public boolean wasRefused() {
    boolean was = refused;
    refused = false;
    return was;
  }

  /** Takes a place of that size, if there is one. */
  boolean take(long size) {
    if (size > maxBytes - bytes) {
      refused |= size <= maxBytes; // what never fits has no place to wait for
      return false;
    }
    bytes += size;
    return true;
  }

  void giveBack(long size) {
    bytes -= size;
  }
}

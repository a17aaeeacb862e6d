package dev.sinkwatch.analyzer.spectrum;

/**
 * Room for the snapshots that were certified last, one a layer, so that the distance of the next
 * ones from them carries the certificate on. Who has a place keeps it, and a newcomer that finds
 * none is refused and certified anew each time: what is said of a layer does not depend on when
 * others come, and layers in turn do not drive each other out.
 *
 * <p>Small ones are not kept: a certificate anew costs little, and its estimate knows of a
 * direction that is new in the snapshot, which the last one's vectors may not meet. For one thread
 * at a time.
 */
public final class CertifiedMatrices {
  private final long maxBytes;
  private final int above;
  private long bytes;
  private boolean refused;

  /**
   * @param maxBytes most that they take together
   */
  public CertifiedMatrices(long maxBytes) {
    this(maxBytes, KrylovSearch.THOROUGH_SIZE);
  }

  /**
   * @param above matrices of more columns are kept
   */
  private CertifiedMatrices(long maxBytes, int above) {
    this.maxBytes = maxBytes;
    this.above = above;
  }

  /** Also for small ones. */
  public static CertifiedMatrices ofAllSizes(long maxBytes) {
    return new CertifiedMatrices(maxBytes, 0);
  }

  /** Whether matrices of so many columns are kept at all. */
  boolean keeps(int columns) {
    return columns > above;
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

package dev.sinkwatch.dashboard.upload;

/**
 * The uploads under way: no more than may be, and no more of their headers and shards in memory
 * than may be. Safe for use by several threads.
 */
public final class Uploads {
  private final UploadLimits limits;
  private final ShardSink sink;
  private final UploadListener listener;
  private int underWay;
  private long taken;

  public Uploads(UploadLimits limits, ShardSink sink, UploadListener listener) {
    this.limits = limits;
    this.sink = sink;
    this.listener = listener;
  }

  public UploadLimits limits() {
    return limits;
  }

  public UploadListener listener() {
    return listener;
  }

  /**
   * Begins one, which is to be closed whatever becomes of it.
   *
   * @param maxBytes that its body may have; 0: any number
   * @throws UploadException if there are too many, or Kafka is behind with what it has
   */
  public Upload begin(long maxBytes) throws UploadException {
    if (sink.full()) {
      throw busy("Kafka is behind with the uploads before this one");
    }
    synchronized (this) {
      if (underWay >= limits.uploads()) {
        throw busy(underWay + " uploads are under way");
      }
      underWay++;
    }
    return new Upload(this, sink, maxBytes);
  }

  /**
   * Takes memory for an upload; one that has all of it gets as much as it needs, as what one body
   * may need is bounded.
   */
  synchronized void take(long bytes, long ownBytes) throws UploadException {
    if (taken > ownBytes && taken + bytes > limits.memoryBytes()) {
      throw busy("the uploads under way have the memory that is for them");
    }
    taken += bytes;
  }

  synchronized void ended(long ownBytes) {
    taken -= ownBytes;
    underWay--;
  }

  private static UploadException busy(String line) {
    return new UploadException(UploadOutcome.BUSY, "busy", line);
  }
}

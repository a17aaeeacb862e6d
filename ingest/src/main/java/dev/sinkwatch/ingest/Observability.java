package dev.sinkwatch.ingest;

import java.util.Optional;

/** How much a layer's operator tells, most first; on the wire in lower case with dashes. */
public enum Observability {
  /** This matrix is what the model applies. */
  EXACT("exact"),
  /** Matrices captured from a forward pass. */
  SAMPLED("sampled"),
  /** Operators drawn from the weights for isotropic inputs. */
  ISOTROPIC_PROXY("isotropic-proxy"),
  /** Only the input-independent part. */
  STATIC_PROXY("static-proxy");

  private final String wireName;

  Observability(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /** Whether alarms on it are information rather than fact. */
  public boolean proxy() {
    return this == ISOTROPIC_PROXY || this == STATIC_PROXY;
  }

  /** Of two that belong together the one that tells less. */
  public Observability orLess(Observability other) {
    return compareTo(other) < 0 ? other : this;
  }

  /**
   * Whether a batch is a sample of tokens, so that alarms use its 95th percentile, not its maximum.
   */
  public boolean batchIsSample() {
    return this == SAMPLED || this == ISOTROPIC_PROXY;
  }

  public static Optional<Observability> named(String wireName) {
    for (Observability observability : values()) {
      if (observability.wireName.equals(wireName)) {
        return Optional.of(observability);
      }
    }
    return Optional.empty();
  }
}

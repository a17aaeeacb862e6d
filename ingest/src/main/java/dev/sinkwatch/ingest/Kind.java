package dev.sinkwatch.ingest;

import java.util.Optional;

/** What a layer is to the analysis; on the wire in lower case with dashes. */
public enum Kind {
  /** {@code [..., n, n]}, non-negative, rows and columns meant to sum to 1: the operator itself. */
  DOUBLY_STOCHASTIC("doubly-stochastic"),
  /** {@code [..., n, n]} logits that the model makes doubly stochastic by Sinkhorn iterations. */
  SINKHORN_LOGITS("sinkhorn-logits"),
  /** {@code [..., m, n]} with marginals a and b. */
  TRANSPORT_PLAN("transport-plan"),
  /** {@code [m, n]}, an ordinary weight: spectrum and norms only. */
  DENSE("dense"),
  /** Nothing is computed. */
  IGNORE("ignore");

  private final String wireName;

  Kind(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /** Whether a layer of this kind yields an operator, and so belongs to a chain. */
  public boolean operator() {
    return this == DOUBLY_STOCHASTIC || this == SINKHORN_LOGITS || this == TRANSPORT_PLAN;
  }

  public static Optional<Kind> named(String wireName) {
    for (Kind kind : values()) {
      if (kind.wireName.equals(wireName)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}

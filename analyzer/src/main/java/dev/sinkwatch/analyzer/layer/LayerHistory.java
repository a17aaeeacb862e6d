package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.spectrum.Known;
import dev.sinkwatch.ingest.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is remembered of one layer from snapshot to snapshot. For one thread at a time. */
public final class LayerHistory {

  /** Within this permutationDistance an operator is close enough to frozen to be watched. */
  private static final double NEAR_PERMUTATION = 1e-3;

  /** A larger movement starts the watch again from where the operator is now. */
  private static final double MOVED = 1e-4;

  private @Nullable Kind recognised;
  private double @Nullable [] frozen;
  private int attempt = -1;
  private final List<Known> known = new ArrayList<>();
  private final List<Vigilance> vigilance = new ArrayList<>();

  /** The kind that was recognised from its values, once it was. */
  @Nullable Kind recognised() {
    return recognised;
  }

  void recognise(Kind kind) {
    recognised = kind;
  }

  /** A restarted run begins anew. */
  void attempt(int current) {
    if (current != attempt) {
      attempt = current;
      frozen = null;
      known.forEach(Known::forget);
      vigilance.clear();
    }
  }

  /** What is known of the large operator of that place in the batch. */
  Known known(int index) {
    while (known.size() <= index) {
      known.add(new Known());
    }
    return known.get(index);
  }

  Vigilance vigilance(int index) {
    while (vigilance.size() <= index) {
      vigilance.add(new Vigilance());
    }
    return vigilance.get(index);
  }

  /**
   * How far the operators have moved since they came close to permutations: max over the batch of
   * ||P_t - P_0||_F / sqrt(n).
   *
   * @param operators all operators, row-major {@code [batch, n, n]}; kept, so not to be changed
   */
  double movement(double[] operators, int n, double permutationDistance) {
    double[] then = frozen;
    if (permutationDistance >= NEAR_PERMUTATION) {
      frozen = null;
      return Double.NaN;
    }
    if (then == null || then.length != operators.length) {
      frozen = operators;
      return 0;
    }
    double moved = 0;
    for (int at = 0; at < operators.length; at += n * n) {
      double square = 0;
      for (int i = at; i < at + n * n; i++) {
        double d = operators[i] - then[i];
        square += d * d;
      }
      moved = Math.max(moved, Math.sqrt(square / n));
    }
    if (moved > MOVED) {
      frozen = operators;
    }
    return moved;
  }
}

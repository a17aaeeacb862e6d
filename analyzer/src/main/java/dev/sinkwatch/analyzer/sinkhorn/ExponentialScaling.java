package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.ScalingLoops;
import dev.sinkwatch.analyzer.kernel.Team;

/**
 * Scaling of exp(scale z) without epsilon, for logits z however far apart: the scaled matrix is
 * u[i] exp(scale z[i, j] + f[i] + g[j]) v[j], K its exponential. When u, v or a sum leaves the safe
 * range, u and v are absorbed into the potentials f and g, and K is made again: Schmitzer,
 * "Stabilized sparse scaling algorithms for entropy regularized transport problems", SIAM J. Sci.
 * Comput. 41, 2019 (arXiv:1610.06519), section 3.1. Potentials alone would cost an exponential for
 * each entry and side in each iteration; this does so only in iterations that move a potential by
 * more than 300, hence hardly ever where logits are within some hundreds.
 *
 * <p>What K loses by that: an entry below exp(-700) is 0 in it. Beside a sum in the safe range it
 * is less than n exp(-700 + 2 ln SAFE) = n 1e-24.
 */
final class ExponentialScaling extends Scaling {

  /** Scalings, and the sums they come from, stay between this and its inverse. */
  private static final double SAFE = 1e140;

  private final double[] z;
  private final double scale;
  private final double[] logits;
  private final boolean columnsFirst;

  /** Whether the first scaling of rows makes the row softmax of the logits. */
  private final boolean softmaxIsStart;

  private final double[] f;
  private final double[] g;
  private double[] keptF = new double[0];
  private double[] keptG = new double[0];
  private boolean begun;
  private boolean remade;

  private ExponentialScaling(
      double[] z,
      double[] logits,
      int n,
      double scale,
      boolean columnsFirst,
      boolean softmaxIsStart,
      Team team,
      ScalingLoops loops) {
    super(n, 0, team, loops);
    this.z = z;
    this.logits = logits;
    this.scale = scale;
    this.columnsFirst = columnsFirst;
    this.softmaxIsStart = softmaxIsStart;
    this.f = new double[n];
    this.g = new double[n];
  }

  /** Of exp(scale z), rows first. */
  static ExponentialScaling rowsFirst(
      double[] logits, int n, double scale, Team team, ScalingLoops loops) {
    return new ExponentialScaling(logits, logits, n, scale, false, true, team, loops);
  }

  /** Of exp(z), columns first. */
  static ExponentialScaling columnsFirst(double[] logits, int n, Team team, ScalingLoops loops) {
    return new ExponentialScaling(logits, logits, n, 1, true, false, team, loops);
  }

  /** Of 1 / (1 + exp(-z)), rows first: of the exponential of its logarithm. */
  static ExponentialScaling ofSigmoid(double[] logits, int n, Team team, ScalingLoops loops) {
    double[] z = new double[logits.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = Math.min(logits[i], 0) - Math.log1p(Math.exp(-Math.abs(logits[i])));
    }
    return new ExponentialScaling(z, logits, n, 1, false, false, team, loops);
  }

  @Override
  boolean iterate() {
    boolean first = !begun;
    begun = true;
    if (first && !softmaxIsStart) {
      parts.run((from, rows, _) -> {
        for (int i = from; i < from + rows; i++) {
          softmaxRow(logits, scale, g, i); // g is still 0
        }
      });
    }
    if (columnsFirst) {
      if (first || !safe(columns)) {
        absorbIntoColumns();
      }
      scaleColumns();
      rows(false);
      for (int j = 0; j < n; j++) {
        sums[j] = v[j] * columns[j];
      }
      return true;
    }
    if (first) {
      absorbIntoRows(softmaxIsStart);
    } else {
      rows(true);
    }
    if (!safe(columns)) {
      absorbIntoColumns();
    }
    scaleColumns();
    return !first;
  }

  @Override
  double residual() {
    return largestResidual(sums); // without epsilon the other side is exact
  }

  private void rows(boolean wantSums) {
    scaleRows(wantSums);
    if (safe(found())) {
      accept();
    } else {
      absorbIntoRows(false);
    }
  }

  /**
   * Scales rows with sums that are at least 1, whatever the range: each row's maximum is 1 in K.
   *
   * @param softmax whether that makes K the row softmax of the logits but for its sums
   */
  private void absorbIntoRows(boolean softmax) {
    remade = true;
    for (int j = 0; j < n; j++) {
      g[j] += Math.log(v[j]);
      v[j] = 1;
    }
    parts.sum(
        columns,
        (first, rows, totals) -> {
          for (int i = first; i < first + rows; i++) {
            double before = f[i] + Math.log(u[i]);
            double top = loops.largest(z, i * n, n, scale, g);
            f[i] = -top;
            u[i] = Math.exp(before + top); // so that u K is what it was, and sums are told rightly
            loops.exp(z, i * n, n, scale, f[i], g, k);
          }
          scaleRows(first, rows, totals, !columnsFirst);
          for (int i = first; softmax && i < first + rows; i++) {
            takeSoftmax(i, 1 / found()[i]);
          }
        });
    accept();
  }

  /** Makes sums of columns that are at least 1: each column's maximum is 1 in K. */
  private void absorbIntoColumns() {
    remade = true;
    for (int i = 0; i < n; i++) {
      f[i] += Math.log(u[i]);
      u[i] = 1;
    }
    double[] tops = new double[n];
    parts.max(
        tops,
        (first, rows, most) -> {
          for (int i = first; i < first + rows; i++) {
            loops.raise(z, i * n, n, scale, f[i], most);
          }
        });
    for (int j = 0; j < n; j++) {
      g[j] = -tops[j]; // and v, which is about to be made anew, for nothing
    }
    parts.sum(
        columns,
        (first, rows, totals) -> {
          for (int i = first; i < first + rows; i++) {
            loops.exp(z, i * n, n, scale, f[i], g, k);
          }
          loops.accumulate(k, first * n, n, rows, u, first, totals);
        });
  }

  private static boolean safe(double[] values) {
    for (double value : values) {
      if (!(value >= 1 / SAFE && value <= SAFE)) {
        return false;
      }
    }
    return true;
  }

  @Override
  void keep() {
    super.keep();
    keptF = f.clone();
    keptG = g.clone();
    for (int i = 0; i < n; i++) {
      keptF[i] += Math.log(u[i]);
      keptG[i] += Math.log(v[i]);
    }
    remade = false;
  }

  @Override
  double[] matrix() {
    if (!remade) {
      return super.matrix();
    }
    parts.run((first, rows, _) -> {
      for (int i = first; i < first + rows; i++) {
        loops.exp(z, i * n, n, scale, keptF[i], keptG, k);
      }
    });
    return k;
  }
}

package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link Projection} says in words, word by word: all entries divided in place, or, where
 * exponentials would leave the range of doubles, all of their logarithms shifted.
 */
final class TextbookScaling {

  /** Those that are written down here: not the clamped ones, which small sizes alone have. */
  static final List<Method> METHODS =
      List.of(Method.SOFTMAX_EPS, Method.SIGMOID_EPS, Method.LOG, Method.COLUMNS_FIRST);

  private final Projection projection;
  private final int n;
  private final boolean logarithms;

  /** Entries, or their logarithms. */
  private final double[] m;

  /** Row softmax was taken, so that the first iteration is one of columns. */
  private boolean rowsDone;

  TextbookScaling(Projection projection, double[] logits, int n, boolean logarithms) {
    this.projection = projection;
    this.n = n;
    this.logarithms = logarithms;
    this.m = logits.clone();
    for (int i = 0; i < m.length; i++) {
      if (projection.method() == Method.SIGMOID_EPS) {
        m[i] =
            logarithms
                ? Math.min(m[i], 0) - Math.log1p(Math.exp(-Math.abs(m[i])))
                : 1 / (1 + Math.exp(-m[i]));
      } else if (projection.method() == Method.LOG) {
        m[i] /= projection.temperature();
      }
    }
    if (projection.method() != Method.SIGMOID_EPS && !logarithms) {
      boolean columns = projection.method() == Method.COLUMNS_FIRST;
      for (int i = 0; i < n; i++) {
        double top = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
          top = Math.max(top, m[at(columns, i, j)]);
        }
        for (int j = 0; j < n; j++) {
          m[at(columns, i, j)] = Math.exp(m[at(columns, i, j)] - top);
        }
      }
    }
    if (projection.method() == Method.SOFTMAX_EPS) {
      scale(false, 0);
      rowsDone = true;
    }
    if (epsilon() > 0) {
      for (int i = 0; i < m.length; i++) {
        m[i] += epsilon();
      }
    }
  }

  private double epsilon() {
    boolean used =
        projection.method() == Method.SOFTMAX_EPS || projection.method() == Method.SIGMOID_EPS;
    return used ? projection.epsilon() : 0;
  }

  private int at(boolean columns, int line, int place) {
    return columns ? place * n + line : line * n + place;
  }

  private void scale(boolean columns, double epsilon) {
    for (int line = 0; line < n; line++) {
      double sum = sum(columns, line);
      for (int place = 0; place < n; place++) {
        if (logarithms) {
          m[at(columns, line, place)] -= sum;
        } else {
          m[at(columns, line, place)] /= sum + epsilon;
        }
      }
    }
  }

  /** Of a row or a column; its logarithm where entries are logarithms. */
  private double sum(boolean columns, int line) {
    double top = 0;
    if (logarithms) {
      top = Double.NEGATIVE_INFINITY;
      for (int place = 0; place < n; place++) {
        top = Math.max(top, m[at(columns, line, place)]);
      }
    }
    double sum = 0;
    for (int place = 0; place < n; place++) {
      double entry = m[at(columns, line, place)];
      sum += logarithms ? Math.exp(entry - top) : entry;
    }
    return logarithms ? top + Math.log(sum) : sum;
  }

  TextbookScaling iterate(int iterations) {
    boolean columnsFirst = projection.method() == Method.COLUMNS_FIRST;
    for (int i = 0; i < iterations; i++) {
      if (!rowsDone) {
        scale(columnsFirst, epsilon());
      }
      scale(!columnsFirst, epsilon());
      rowsDone = false;
    }
    return this;
  }

  double[] matrix() {
    double[] matrix = m.clone();
    for (int i = 0; logarithms && i < m.length; i++) {
      matrix[i] = Math.exp(m[i]);
    }
    return matrix;
  }

  /** Sums of all rows or columns. */
  double[] sums(boolean columns) {
    double[] sums = new double[n];
    for (int line = 0; line < n; line++) {
      double sum = sum(columns, line);
      sums[line] = logarithms ? Math.exp(sum) : sum;
    }
    return sums;
  }

  /** Follows a fresh scaling for up to 1000 iterations. */
  Convergence convergence(double tolerance) {
    double converged = Double.POSITIVE_INFINITY;
    List<Double> steps = new ArrayList<>();
    double rate = Double.NaN;
    boolean settled = false;
    double[] before = null;
    for (int t = 1; t <= 1000; t++) {
      iterate(1);
      double[] sums = sums(projection.method() == Method.COLUMNS_FIRST);
      if (Double.isInfinite(converged) && residual() < tolerance) {
        converged = t;
      }
      if (before != null) {
        double square = 0;
        for (int i = 0; i < n; i++) {
          square += (sums[i] - before[i]) * (sums[i] - before[i]);
        }
        steps.add(Math.sqrt(square));
      }
      before = sums;
      int last = steps.size() - 1;
      if (last > 0 && !settled && steps.get(last) > 1e-11 && steps.get(last - 1) > 1e-11) {
        double ratio = steps.get(last) / steps.get(last - 1);
        settled = ratio < 1 && Math.abs(ratio - rate) <= 1e-6 * ratio;
        rate = ratio;
      }
      if (t >= projection.iterations() && t >= converged) {
        break;
      }
    }
    return new Convergence(converged, rate);
  }

  private double residual() {
    double worst = 0;
    for (boolean columns : new boolean[] {false, true}) {
      for (double sum : sums(columns)) {
        worst = Math.max(worst, Math.abs(sum - 1));
      }
    }
    return worst;
  }
}

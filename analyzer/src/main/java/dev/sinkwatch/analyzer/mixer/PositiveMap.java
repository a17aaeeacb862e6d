package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import dev.sinkwatch.analyzer.sinkhorn.Projection;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A tile of logits to the positive matrices K that Sinkhorn scales, in the linear domain whatever
 * the method: log-domain potentials are the same mathematics while no entry vanishes beside its
 * row's largest. For {@link Projection.Method#COLUMNS_FIRST} K is transposed, so that its columns
 * are rows. For one thread.
 */
final class PositiveMap {

  /** exp(-200): the scaling vectors then stay within exp(400) of 1, and no product vanishes. */
  private static final double LEAST_OF_LARGEST = 1e-87;

  /** The same where nothing keeps a row's largest entry near 1, which epsilon does in practice. */
  private static final double LEAST = 1e-30;

  private final Projection projection;
  private final int n;
  private final int lanes;

  /** Smallest entry of each K. */
  private final double[] least;

  /** Largest minus smallest weight of the row softmax. */
  final double[] saturation;

  PositiveMap(Projection projection, int n, int lanes) {
    this.projection = projection;
    this.n = n;
    this.lanes = lanes;
    this.least = new double[lanes];
    this.saturation = new double[lanes];
  }

  /**
   * @param z logits, row-major
   * @param k receives K, row-major
   */
  void apply(double[] z, double[] k) {
    Projection.Method method = projection.method();
    double[] logits = z;
    if (method == Projection.Method.LOG && projection.temperature() != 1) {
      for (int at = 0; at < z.length; at += WIDTH) {
        fromArray(D, z, at).div(projection.temperature()).intoArray(k, at);
      }
      logits = k;
    }
    boolean softmax = method == Projection.Method.SOFTMAX_EPS;
    lower(logits, k);
    Lanes.exp(k);
    for (int at = 0; at < lanes; at += WIDTH) {
      weights(k, at, softmax);
    }
    if (method == Projection.Method.SIGMOID_EPS) {
      sigmoid(z, k);
    } else if (method == Projection.Method.COLUMNS_FIRST) {
      columns(z, k);
    }
  }

  /** Whether any operator is not {@link #safe}. */
  boolean anyUnsafe() {
    double smallest = Double.POSITIVE_INFINITY;
    for (double value : least) {
      smallest = Math.min(smallest, value);
    }
    return !(smallest >= leastSafe());
  }

  /** Whether scaling K in the linear domain loses nothing. */
  boolean safe(int lane) {
    return least[lane] >= leastSafe();
  }

  private double leastSafe() {
    return switch (projection.method()) {
      case SOFTMAX_EPS, SIGMOID_EPS -> LEAST;
      case LOG, COLUMNS_FIRST, EXP_CLAMP, COLUMN_SOFTMAX_CLAMP -> LEAST_OF_LARGEST;
    };
  }

  /** k = z - row maximum. */
  private void lower(double[] z, double[] k) {
    for (int i = 0; i < n; i++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        int row = i * n * lanes + at;
        DoubleVector top = fromArray(D, z, row);
        for (int j = 1; j < n; j++) {
          DoubleVector next = fromArray(D, z, row + j * lanes);
          top = top.blend(next, next.compare(VectorOperators.GT, top));
        }
        for (int j = 0; j < n; j++) {
          fromArray(D, z, row + j * lanes).sub(top).intoArray(k, row + j * lanes);
        }
      }
    }
  }

  /** What the softmax tells; K becomes softmax + epsilon if asked to. */
  private void weights(double[] k, int at, boolean softmax) {
    DoubleVector largestWeight = broadcast(D, 0);
    DoubleVector smallestWeight = broadcast(D, 1);
    DoubleVector smallest = broadcast(D, 1);
    for (int row = at; row < k.length; row += n * lanes) {
      DoubleVector sum = broadcast(D, 0);
      DoubleVector low = broadcast(D, 1);
      for (int j = 0; j < n; j++) {
        DoubleVector e = fromArray(D, k, row + j * lanes);
        sum = sum.add(e);
        low = low.blend(e, e.compare(VectorOperators.LT, low));
      }
      DoubleVector over = broadcast(D, 1).div(sum);
      DoubleVector lowWeight = low.mul(over);
      // the largest entry is e^0
      largestWeight = largestWeight.blend(over, over.compare(VectorOperators.GT, largestWeight));
      smallestWeight =
          smallestWeight.blend(lowWeight, lowWeight.compare(VectorOperators.LT, smallestWeight));
      smallest = smallest.blend(low, low.compare(VectorOperators.LT, smallest));
      if (softmax) {
        DoubleVector epsilon = broadcast(D, projection.epsilon());
        for (int j = 0; j < n; j++) {
          fromArray(D, k, row + j * lanes).fma(over, epsilon).intoArray(k, row + j * lanes);
        }
      }
    }
    largestWeight.sub(smallestWeight).intoArray(saturation, at);
    smallest = softmax ? smallestWeight.add(projection.epsilon()) : smallest;
    smallest.intoArray(least, at);
  }

  private void sigmoid(double[] z, double[] k) {
    for (int at = 0; at < k.length; at += WIDTH) {
      fromArray(D, z, at).neg().intoArray(k, at);
    }
    Lanes.exp(k);
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector smallest = broadcast(D, Double.POSITIVE_INFINITY);
      for (int e = at; e < k.length; e += lanes) {
        DoubleVector weight =
            broadcast(D, 1).div(fromArray(D, k, e).add(1)).add(projection.epsilon());
        weight.intoArray(k, e);
        smallest = smallest.blend(weight, weight.compare(VectorOperators.LT, smallest));
      }
      smallest.intoArray(least, at);
    }
  }

  private void columns(double[] z, double[] k) {
    for (int j = 0; j < n; j++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        DoubleVector top = fromArray(D, z, j * lanes + at);
        for (int i = 1; i < n; i++) {
          DoubleVector next = fromArray(D, z, (i * n + j) * lanes + at);
          top = top.blend(next, next.compare(VectorOperators.GT, top));
        }
        for (int i = 0; i < n; i++) {
          fromArray(D, z, (i * n + j) * lanes + at).sub(top).intoArray(k, (j * n + i) * lanes + at);
        }
      }
    }
    Lanes.exp(k);
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector smallest = broadcast(D, 1);
      for (int e = at; e < k.length; e += lanes) {
        DoubleVector entry = fromArray(D, k, e);
        smallest = smallest.blend(entry, entry.compare(VectorOperators.LT, smallest));
      }
      smallest.intoArray(least, at);
    }
  }
}

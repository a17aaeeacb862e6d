package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Everything about a tile of operators that follows from one look at each entry: sums of rows and
 * columns and what they leak, distances to the two traps, entropy. The lanes' twin of {@link
 * dev.sinkwatch.analyzer.sinkhorn.Marginals}. For one thread.
 */
final class TileMarginals {

  /** A row that has no more counts as empty; a weight that is no more has no entropy, as 0. */
  private static final DoubleVector TINY = broadcast(D, 1e-300);

  private static final DoubleVector ONE = broadcast(D, 1); // times its logarithm is 0

  private final int n;
  private final int lanes;
  private final double[] rows;
  private final double[] columns;
  private final double[] weights;
  private final double[] logs;
  private final double[] rowWeights;
  private final double[] rowLogs;

  /** ||P||_F squared. */
  final double[] squares;

  TileMarginals(int n, int lanes) {
    this.n = n;
    this.lanes = lanes;
    this.rows = new double[n * lanes];
    this.columns = new double[n * lanes];
    this.weights = new double[n * n * lanes];
    this.logs = new double[n * n * lanes];
    this.rowWeights = new double[n * lanes];
    this.rowLogs = new double[n * lanes];
    this.squares = new double[lanes];
  }

  /**
   * @param p operators, row-major
   */
  void of(double[] p, Liveliest liveliest) {
    for (int at = 0; at < lanes; at += WIDTH) {
      sums(p, at);
      distances(p, at, liveliest);
    }
    weights(p);
    Lanes.log(weights, logs);
    Lanes.log(rowWeights, rowLogs);
    for (int at = 0; at < lanes; at += WIDTH) {
      entropy(at, liveliest);
    }
    for (int at = 0; at < lanes; at += WIDTH) {
      side(
          rows,
          true,
          at,
          Liveliest.ROW_RESIDUAL,
          Liveliest.GAIN_FORWARD,
          Liveliest.LEAK_TO_DETAIL,
          liveliest);
      side(
          columns,
          false,
          at,
          Liveliest.COLUMN_RESIDUAL,
          Liveliest.GAIN_BACKWARD,
          Liveliest.LEAK_TO_MEAN,
          liveliest);
    }
  }

  private void sums(double[] p, int at) {
    for (int i = 0; i < n; i++) {
      DoubleVector row = broadcast(D, 0);
      DoubleVector column = broadcast(D, 0);
      for (int j = 0; j < n; j++) {
        row = row.add(fromArray(D, p, (i * n + j) * lanes + at));
        column = column.add(fromArray(D, p, (j * n + i) * lanes + at));
      }
      row.intoArray(rows, i * lanes + at);
      column.intoArray(columns, i * lanes + at);
    }
  }

  private void distances(double[] p, int at, Liveliest liveliest) {
    double uniform = 1.0 / n;
    DoubleVector square = broadcast(D, 0);
    DoubleVector barycenter = broadcast(D, 0);
    DoubleVector identity = broadcast(D, 0);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        DoubleVector x = fromArray(D, p, (i * n + j) * lanes + at);
        square = x.fma(x, square);
        DoubleVector b = x.sub(uniform);
        barycenter = b.fma(b, barycenter);
        DoubleVector d = i == j ? x.sub(1) : x;
        identity = d.fma(d, identity);
      }
    }
    square.intoArray(squares, at);
    square.intoArray(liveliest.tile, liveliest.place(Liveliest.SQUARES, at));
    square.intoArray(liveliest.tile, liveliest.place(Liveliest.SQUARES_LEAST, at));
    barycenter.intoArray(liveliest.tile, liveliest.place(Liveliest.FROM_BARYCENTER, at));
    identity.intoArray(liveliest.tile, liveliest.place(Liveliest.FROM_IDENTITY, at));
  }

  /** |P| and its row sums, fit for a logarithm. */
  private void weights(double[] p) {
    for (int i = 0; i < n; i++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        DoubleVector whole = broadcast(D, 0);
        for (int j = 0; j < n; j++) {
          int e = (i * n + j) * lanes + at;
          DoubleVector weight = fromArray(D, p, e).abs();
          whole = whole.add(weight);
          ONE.blend(weight, weight.compare(VectorOperators.GT, TINY)).intoArray(weights, e);
        }
        TINY.blend(whole, whole.compare(VectorOperators.GT, TINY))
            .intoArray(rowWeights, i * lanes + at);
      }
    }
  }

  private void entropy(int at, Liveliest liveliest) {
    DoubleVector entropy = broadcast(D, 0);
    for (int i = 0; i < n; i++) {
      DoubleVector weightLog = broadcast(D, 0);
      for (int j = 0; j < n; j++) {
        int e = (i * n + j) * lanes + at;
        weightLog = fromArray(D, logs, e).fma(fromArray(D, weights, e), weightLog);
      }
      DoubleVector whole = fromArray(D, rowWeights, i * lanes + at);
      DoubleVector ofRow = fromArray(D, rowLogs, i * lanes + at).sub(weightLog.div(whole));
      // an empty row has no entropy
      entropy = entropy.add(broadcast(D, 0).blend(ofRow, whole.compare(VectorOperators.GT, TINY)));
    }
    entropy.intoArray(liveliest.tile, liveliest.place(Liveliest.ENTROPY, at));
  }

  private void side(
      double[] sums,
      boolean rowSide,
      int at,
      int residual,
      int gain,
      int leak,
      Liveliest liveliest) {
    DoubleVector total = broadcast(D, 0);
    DoubleVector worst = broadcast(D, 0);
    DoubleVector most = broadcast(D, 0);
    DoubleVector least = broadcast(D, Double.POSITIVE_INFINITY);
    for (int i = 0; i < n; i++) {
      DoubleVector sum = fromArray(D, sums, i * lanes + at);
      DoubleVector magnitude = sum.abs();
      total = total.add(sum);
      DoubleVector off = sum.sub(1).abs();
      worst = worst.blend(off, off.compare(VectorOperators.GT, worst));
      most = most.blend(magnitude, magnitude.compare(VectorOperators.GT, most));
      least = least.blend(magnitude, magnitude.compare(VectorOperators.LT, least));
    }
    DoubleVector mean = total.div(n);
    DoubleVector variance = broadcast(D, 0);
    for (int i = 0; i < n; i++) {
      DoubleVector d = fromArray(D, sums, i * lanes + at).sub(mean);
      variance = d.fma(d, variance);
    }
    worst.intoArray(liveliest.tile, liveliest.place(residual, at));
    most.intoArray(liveliest.tile, liveliest.place(gain, at));
    least.intoArray(
        liveliest.tile,
        liveliest.place(rowSide ? Liveliest.ROW_SUM_LEAST : Liveliest.COLUMN_SUM_LEAST, at));
    variance.div(n).intoArray(liveliest.tile, liveliest.place(leak, at));
    if (rowSide) {
      mean.abs().intoArray(liveliest.tile, liveliest.place(Liveliest.MEAN_GAIN, at));
    }
  }
}

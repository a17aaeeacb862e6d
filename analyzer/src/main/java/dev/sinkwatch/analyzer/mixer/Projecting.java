package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.fromArray;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Convergence;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;

/**
 * Tiles of logits to tiles of operators, as the model does it. Logits too far apart for the linear
 * domain are scaled one by one in the plain way. For one thread.
 */
final class Projecting {

  private final Projection projection;
  private final boolean transpose;
  private final double share;
  private final int n;
  private final int lanes;
  private final double tolerance;
  private final PositiveMap map;
  private final TileScaling scaling;
  private final Stragglers stragglers;
  private final Liveliest liveliest;

  Projecting(Mixers.Recipe recipe, int n, int lanes, double tolerance, Liveliest liveliest) {
    this.projection = recipe.projection();
    // K of that method is the transpose already
    boolean columnsFirst = projection.method() == Projection.Method.COLUMNS_FIRST;
    this.transpose = recipe.transpose() != columnsFirst;
    this.share = recipe.share();
    this.n = n;
    this.lanes = lanes;
    this.tolerance = tolerance;
    this.liveliest = liveliest;
    this.map = new PositiveMap(projection, n, lanes);
    double epsilon =
        switch (projection.method()) {
          case SOFTMAX_EPS, SIGMOID_EPS -> projection.epsilon();
          case LOG, COLUMNS_FIRST, EXP_CLAMP, COLUMN_SOFTMAX_CLAMP -> 0;
        };
    this.scaling = new TileScaling(n, lanes, epsilon, tolerance, false);
    this.stragglers =
        new Stragglers(new TileScaling(n, lanes, epsilon, tolerance, true), lanes, liveliest);
  }

  /**
   * @param z logits, row-major
   * @param p receives the operators, row-major, as the model applies them
   */
  void project(double[] z, double[] p) {
    map.apply(z, scaling.k);
    boolean anyUnsafe = map.anyUnsafe();
    if (anyUnsafe) {
      for (int lane = 0; lane < lanes; lane++) {
        if (!map.safe(lane)) {
          clear(lane);
        }
      }
    }
    scaling.start(projection.method() == Projection.Method.SOFTMAX_EPS);
    scaling.iterate(lanes, projection.iterations() - 1);
    scaling.look();
    scaled(p);
    if (anyUnsafe) {
      for (int lane = 0; lane < lanes; lane++) {
        if (!map.safe(lane)) {
          plain(z, lane, p);
        }
      }
    }
    applied(p);
    handOver();
    scaling.convergence.report(liveliest);
    for (int at = 0; at < lanes; at += WIDTH) {
      fromArray(D, map.saturation, at)
          .intoArray(liveliest.tile, liveliest.place(Liveliest.SATURATION, at));
    }
  }

  /** Waits for those that take longer than the model does. */
  void finish() {
    stragglers.finish();
  }

  private void clear(int lane) {
    for (int e = 0; e < n * n; e++) {
      scaling.k[e * lanes + lane] = 1;
    }
  }

  private void plain(double[] z, int lane, double[] p) {
    double[] logits = new double[n * n];
    for (int e = 0; e < n * n; e++) {
      logits[e] = z[e * lanes + lane];
    }
    Projected found = projection.project(logits, n, tolerance, Team.alone());
    double[] projected = found.matrix();
    boolean columnsFirst = projection.method() == Projection.Method.COLUMNS_FIRST;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int e = transpose == columnsFirst ? i * n + j : j * n + i;
        p[e * lanes + lane] = projected[i * n + j];
      }
    }
    Convergence convergence = found.convergence();
    liveliest.convergence(convergence.iterationsToTolerance(), convergence.contractionRate());
    scaling.convergence.forget(lane);
  }

  /** diag(u) K diag(v), transposed if it is to be. */
  private void scaled(double[] p) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int to = (transpose ? j * n + i : i * n + j) * lanes;
        for (int at = 0; at < lanes; at += WIDTH) {
          fromArray(D, scaling.u, i * lanes + at)
              .mul(fromArray(D, scaling.k, (i * n + j) * lanes + at))
              .mul(fromArray(D, scaling.v, j * lanes + at))
              .intoArray(p, to + at);
        }
      }
    }
  }

  /** (1 - a) I + a P. */
  private void applied(double[] p) {
    if (share == 1) {
      return;
    }
    for (int e = 0; e < n * n; e++) {
      double diagonal = e % (n + 1) == 0 ? 1 - share : 0;
      for (int at = e * lanes; at < (e + 1) * lanes; at += WIDTH) {
        fromArray(D, p, at).mul(share).add(diagonal).intoArray(p, at);
      }
    }
  }

  private void handOver() {
    if (projection.iterations() >= TileConvergence.MAX_ITERATIONS
        || !scaling.convergence.anyUnconverged()) {
      return;
    }
    scaling.iterateUnwatched();
    for (int lane = 0; lane < lanes; lane++) {
      if (!scaling.convergence.done(lane)) {
        stragglers.add(scaling, lane);
        scaling.convergence.forget(lane);
      }
    }
  }
}

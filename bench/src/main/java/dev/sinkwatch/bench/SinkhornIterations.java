package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import java.util.Map;

/**
 * Sinkhorn iterations, rows then columns. The analyzer does them as a part of projecting logits, so
 * that is timed twice, with few iterations and with more: the difference is theirs alone. Finds
 * {@code seconds} of one iteration and {@code corner}, the first value after all of them.
 */
final class SinkhornIterations implements Work {

  /**
   * In which the scaling has long converged, so that nothing but the number decides when to end.
   */
  private static final int FEW = 10;

  private static final double TOLERANCE = 1e-3;

  /** As small that a comparison with those who add none does not notice it. */
  private static final double EPSILON = 1e-9;

  private final double[] logits;
  private final int n;
  private final int iterations;
  private final Team team;

  /**
   * @param p positive, n x n
   */
  SinkhornIterations(RawMatrix p, int iterations, Team team) {
    this.n = p.columns();
    this.iterations = iterations;
    this.team = team;
    this.logits = p.decoded();
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Math.log(logits[i]);
    }
  }

  @Override
  public Map<String, Double> run() {
    long start = System.nanoTime();
    Projected few = project(FEW);
    long between = System.nanoTime();
    Projected more = project(FEW + iterations);
    long end = System.nanoTime();
    if (!(few.convergence().iterationsToTolerance() < FEW)) {
      throw new IllegalStateException("the scaling does not converge in " + FEW + " iterations");
    }
    double seconds = 1e-9 * (end - between - (between - start)) / iterations;
    return Map.of(Work.SECONDS, seconds, "corner", more.matrix()[0]);
  }

  private Projected project(int times) {
    return new Projection(Projection.Method.SOFTMAX_EPS, times, 1, EPSILON)
        .project(logits, n, TOLERANCE, team);
  }
}

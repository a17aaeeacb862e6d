package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.ScalingLoops;
import dev.sinkwatch.analyzer.kernel.Team;
import java.util.Arrays;

/**
 * The rows of an n x n matrix in parts that a team shares, and what they add up to for each column.
 * The parts follow from n alone and are merged in their order: the same bits whatever the team.
 */
final class RowParts {

  /** Matrix elements of a part: long enough to pay for handing it over, some 10 microseconds. */
  private static final int PART = 1 << 15;

  /** More parts than that would only make more to merge. */
  private static final int MOST = 32;

  /** Work on rows {@code first} to {@code first + rows - 1}, at most a block of them. */
  @FunctionalInterface
  interface Rows {

    /**
     * @param columns n numbers of this part, for what its rows tell about each column
     */
    void run(int first, int rows, double[] columns);
  }

  private final int n;
  private final Team team;
  private final int rowsOfPart;
  private final double[][] columnsOfPart;

  RowParts(int n, Team team) {
    this.n = n;
    this.team = team;
    int most = Math.clamp((long) n * n / PART, 1, MOST);
    int blocks = Math.ceilDiv(n, ScalingLoops.BLOCK);
    this.rowsOfPart = Math.ceilDiv(blocks, most) * ScalingLoops.BLOCK;
    this.columnsOfPart = new double[Math.ceilDiv(n, rowsOfPart)][n];
  }

  /** Runs all rows; afterwards {@code columns} has the sum over the parts. */
  void sum(double[] columns, Rows work) {
    run(0, work);
    Arrays.fill(columns, 0);
    for (double[] part : columnsOfPart) {
      for (int j = 0; j < n; j++) {
        columns[j] += part[j];
      }
    }
  }

  /** Runs all rows; afterwards {@code columns} has the maximum over the parts. */
  void max(double[] columns, Rows work) {
    run(Double.NEGATIVE_INFINITY, work);
    Arrays.fill(columns, Double.NEGATIVE_INFINITY);
    for (double[] part : columnsOfPart) {
      for (int j = 0; j < n; j++) {
        columns[j] = Math.max(columns[j], part[j]);
      }
    }
  }

  /** Runs all rows for what they leave elsewhere. */
  void run(Rows work) {
    run(0, work);
  }

  private void run(double start, Rows work) {
    team.compute(
        columnsOfPart.length,
        part -> {
          double[] columns = columnsOfPart[part];
          Arrays.fill(columns, start);
          int end = Math.min(n, (part + 1) * rowsOfPart);
          for (int i = part * rowsOfPart; i < end; i += ScalingLoops.BLOCK) {
            work.run(i, Math.min(ScalingLoops.BLOCK, end - i), columns);
          }
        });
  }
}

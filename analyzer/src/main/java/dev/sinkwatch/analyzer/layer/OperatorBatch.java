package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.ingest.SnapshotHead;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The operators of one snapshot as they are judged one by one. For one thread. */
final class OperatorBatch {

  /** Operators of a verdict travel with it up to this size, in bytes. */
  private static final int MAX_MATRIX_BYTES = 64 << 10;

  private static final int MAX_DRAWN = 64;

  /** Numbers an operator that are held beside its figures, also while they are ranked. */
  static final long HELD = 4;

  private final int size;
  private final int n;
  private final List<Figures> figures = new ArrayList<>();
  private final double @Nullable [] matrix;
  private int passes;

  OperatorBatch(int size, int n) {
    this(size, n, travels(size, n) ? size : 0);
  }

  /**
   * @param travelling how many of them, the first, go with the verdict
   */
  OperatorBatch(int size, int n, int travelling) {
    this.size = size;
    this.n = n;
    this.matrix = travelling > 0 ? new double[travelling * n * n] : null;
  }

  /** Whether a verdict on so many operators carries them. */
  static boolean travels(int size, int n) {
    return n <= OperatorJudge.EXACT_SIZE && 8L * size * n * n <= MAX_MATRIX_BYTES;
  }

  /** Bytes that operators take which are read again, since the verdict does not carry them. */
  static long again(int size, int n) {
    return travels(size, n) ? 0 : FrozenOperators.bytes((long) size * n * n);
  }

  /** How many operators of a drawn batch go with a verdict: as many as are usually sampled. */
  static int travellingOfDrawn(int size, int n) {
    return Math.min(Math.min(size, MAX_DRAWN), MAX_MATRIX_BYTES / (8 * n * n));
  }

  /** How many n x n operators a snapshot holds. */
  static int size(SnapshotHead snapshot, int n) {
    return Math.toIntExact(snapshot.shape().elements() / n / n);
  }

  void add(Figures judged, int itsPasses, double @Nullable [] p) {
    if (matrix != null && p != null && figures.size() * n * n < matrix.length) {
      System.arraycopy(p, 0, matrix, figures.size() * n * n, n * n);
    }
    figures.add(judged);
    passes = Math.max(passes, itsPasses);
  }

  int size() {
    return size;
  }

  int passes() {
    return passes;
  }

  MixerFigures figures() {
    return new MixerFigures(
        Figures.liveliest(figures),
        each(f -> f.get(Figure.SIGMA2)),
        each(f -> Math.max(f.get(Figure.ROW_RESIDUAL), f.get(Figure.COLUMN_RESIDUAL))),
        matrix);
  }

  private double[] each(ToDoubleFunction<Figures> value) {
    return figures.stream().mapToDouble(value).toArray();
  }
}

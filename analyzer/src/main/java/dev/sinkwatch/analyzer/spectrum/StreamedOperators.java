package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.StreamedMatrix;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Large operators of one size whose rows come in any order and are looked at once, for {@link
 * OperatorSpectrum}. All are multiplied with the same random vectors: each bound holds with the
 * probability that was asked for, as if it were alone. For one thread.
 */
public final class StreamedOperators {
  private final double delta;
  private final SpentRows rows;
  private final RandomGenerator random;
  private final Block start;
  private final List<StreamedMatrix> matrices = new ArrayList<>();
  private final float shift;

  StreamedOperators(double delta, Dtype dtype, int n, int count, RandomGenerator random) {
    this.delta = delta;
    this.rows = new SpentRows(n, n, dtype);
    this.random = random;
    this.shift = (float) (1.0 / n);
    this.start = OperatorLook.randomStart(n, random);
    Block first = run().next();
    for (int b = 0; b < count; b++) {
      matrices.add(new StreamedMatrix(dtype, n, n, shift, first.quads(), true));
    }
  }

  /** Bytes that they take, without what each block of rows leaves. */
  public static long bytes(int n, long count) {
    int quads = KrylovSearch.width(n) / 4;
    return count * StreamedMatrix.bytes(n, n, quads) + 2L * quads * 4 * Float.BYTES * n;
  }

  private BlockLanczos run() {
    return new BlockLanczos(start, OperatorLook.outside(rows.columns()));
  }

  /**
   * Takes rows of an operator that did not come before.
   *
   * @param first index of the first, in that operator
   */
  public void add(int operator, long first, MemorySegment data) {
    matrices.get(operator).add(first, data);
  }

  /** Whether those rows of an operator may be of a doubly stochastic matrix. */
  public boolean mayMix(int operator, long first, long count, double tolerance) {
    return matrices.get(operator).mayMix(first, count, tolerance);
  }

  /**
   * What one pass knows of an operator, all of whose rows have come.
   *
   * @param operator given that pass, whether the matrix is what it was taken for
   */
  public OperatorSpectrum.Judged judge(int index, Predicate<Survey> operator) throws IOException {
    OperatorLook look =
        new OperatorLook(
            delta,
            Team.alone(),
            rows,
            new Known(new CertifiedMatrices(0)),
            operator,
            upper -> false,
            new OperatorSpectrum.Allowance(1, false),
            random,
            rows.matrix(shift));
    return look.judge(matrices.get(index).first(), run(), null);
  }
}

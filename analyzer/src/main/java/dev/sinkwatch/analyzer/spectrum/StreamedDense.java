package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.StreamedMatrix;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An ordinary large matrix whose rows come in any order and are looked at once, for {@link
 * MatrixSpectrum}. For one thread.
 */
public final class StreamedDense {
  private final MatrixSpectrum spectrum;
  private final SpentRows rows;
  private final RandomGenerator random;
  private final BlockLanczos run;
  private final StreamedMatrix matrix;

  StreamedDense(
      MatrixSpectrum spectrum, Dtype dtype, long rows, int columns, RandomGenerator random) {
    this.spectrum = spectrum;
    this.rows = new SpentRows(rows, columns, dtype);
    this.random = random;
    this.run = new BlockLanczos(Block.gaussian(columns, MatrixSpectrum.WIDTH, random), List.of());
    this.matrix = new StreamedMatrix(dtype, rows, columns, 0, run.next().quads(), false);
  }

  /** Bytes that it takes, without what each block of rows leaves. */
  public static long bytes(long rows, int columns) {
    int quads = MatrixSpectrum.WIDTH / 4;
    return StreamedMatrix.bytes(rows, columns, quads) + 2L * quads * 4 * Float.BYTES * columns;
  }

  /**
   * Takes rows that did not come before.
   *
   * @param first index of the first
   */
  public void add(long first, MemorySegment data) {
    matrix.add(first, data);
  }

  /** What one pass knows, once all rows have come; to be asked once. */
  public MatrixSpectrum.Judged judge() throws IOException {
    return spectrum.judge(rows.matrix(0), matrix.first(), run, 1, random);
  }
}

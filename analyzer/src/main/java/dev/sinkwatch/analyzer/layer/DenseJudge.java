package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.analyzer.spectrum.MatrixSpectrum;
import dev.sinkwatch.analyzer.spectrum.Spectrum;
import dev.sinkwatch.analyzer.spectrum.StreamedDense;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;

/** The figures of an ordinary m x n matrix. Stateless. */
final class DenseJudge {

  /** Values of a narrow matrix that are held at once while its rows are folded into a triangle. */
  private static final int HELD = 1 << 18;

  /** Values of a flat matrix that may be held as a whole: 128 MiB. */
  private static final long MAX_HELD = 1L << 24;

  private final MatrixSpectrum spectra;

  DenseJudge(MatrixSpectrum spectra) {
    this.spectra = spectra;
  }

  /** Whether a matrix of that size is too large for its figures to be exact. */
  static boolean large(long rows, long columns) {
    return columns > OperatorJudge.EXACT_SIZE
        && (rows > OperatorJudge.EXACT_SIZE || rows * columns > MAX_HELD);
  }

  /** What judging a matrix that is not large takes of the heap at most, in bytes. */
  static long bytes(long rows, int columns) {
    long values = columns <= OperatorJudge.EXACT_SIZE ? 0 : rows * columns;
    return Footprint.ofDoubles(values + columns + 4L * HELD);
  }

  /** Its figures and the passes that they cost. */
  record Judged(Figures figures, int passes) {}

  /** Of a matrix that is not large. */
  static Judged judge(SnapshotMatrix a, double frobenius) throws IOException {
    if (a.columns() <= OperatorJudge.EXACT_SIZE) {
      return exact(ofNarrow(a), frobenius);
    }
    double[] values = new double[(int) a.rows() * a.columns()];
    a.scan((i, row) -> System.arraycopy(row, 0, values, (int) i * a.columns(), a.columns()));
    return exact(ofFlat(values, (int) a.rows(), a.columns()), frobenius);
  }

  /** What one look at a large matrix tells. */
  record JudgedLarge(TensorSurvey survey, Figures figures, int passes) {}

  JudgedLarge judge(RowSource a, int passes, boolean keep, RandomGenerator random)
      throws IOException {
    return judge(spectra.judge(a, passes, keep, random));
  }

  /** A matrix that is judged as its rows come. */
  StreamedDense streamed(Dtype dtype, long rows, int columns, RandomGenerator random) {
    return spectra.streamed(dtype, rows, columns, random);
  }

  static JudgedLarge judge(MatrixSpectrum.Judged judged) {
    TensorSurvey survey =
        new TensorSurvey(judged.survey().nonFinite(), judged.survey().frobenius(), false);
    Spectrum spectrum = judged.spectrum();
    Figures figures =
        spectrum == null
            ? Figures.NONE
            : figures(spectrum.sigma1(), spectrum.sigma2(), survey.frobenius())
                .set(Figure.SIGMA1_LOWER, spectrum.gainLower())
                .set(Figure.SIGMA1_UPPER, spectrum.gainUpper())
                .set(Figure.SIGMA2_LOWER, spectrum.sigma2Lower())
                .set(Figure.SIGMA2_UPPER, spectrum.sigma2Upper())
                .build();
    return new JudgedLarge(survey, figures, judged.passes());
  }

  private static Judged exact(double[] sigma, double frobenius) {
    return new Judged(figures(sigma[0], sigma.length > 1 ? sigma[1] : 0, frobenius).build(), 1);
  }

  private static Figures.Builder figures(double sigma1, double sigma2, double frobenius) {
    double share = frobenius / sigma1;
    return new Figures.Builder()
        .set(Figure.SIGMA1, sigma1)
        .set(Figure.SIGMA2, sigma2)
        .set(Figure.FROBENIUS, frobenius)
        .set(Figure.STABLE_RANK, sigma1 > 0 ? share * share : 0);
  }

  /** Singular values of a matrix of few columns: its rows are folded into the R of its QR. */
  private static double[] ofNarrow(SnapshotMatrix a) throws IOException {
    int n = a.columns();
    int most = Math.max(2 * n, HELD / n);
    Fold fold = new Fold(n, most);
    a.scan((i, row) -> fold.add(row));
    return Jacobi.singularValues(fold.values, fold.rows, n);
  }

  private static double[] ofFlat(double[] values, int rows, int columns) {
    Fold fold = new Fold(rows, Math.max(2 * rows, HELD / rows));
    double[] column = new double[rows];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        column[i] = values[i * columns + j];
      }
      fold.add(column);
    }
    return Jacobi.singularValues(fold.values, fold.rows, rows);
  }

  /** Rows seen so far, or a triangle with the same singular values. */
  private static final class Fold {
    private final int n;
    private final double[] values;
    private int rows;

    Fold(int n, int most) {
      this.n = n;
      this.values = new double[n * most];
    }

    void add(double[] row) {
      if ((rows + 1) * n > values.length) {
        QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(rows, n);
        qr.decompose(DMatrixRMaj.wrap(rows, n, values.clone()));
        DMatrixRMaj r = qr.getR(null, true);
        System.arraycopy(r.data, 0, values, 0, n * n);
        rows = n;
      }
      System.arraycopy(row, 0, values, rows * n, n);
      rows++;
    }
  }
}

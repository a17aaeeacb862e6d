package dev.sinkwatch.analyzer.network;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * What a chain's operators do together: the product P_l ... P_1, formed while it is at hand. Equal
 * batches multiply index by index, so that matrices sampled from the same tokens give each token's
 * path; of a batch the liveliest product speaks.
 *
 * @param gain ‖Q P_l ... P_1 Q‖ for l = 1, 2, ...
 * @param gainForward largest |row sum| of the whole product
 * @param gainBackward largest |column sum| of the whole product
 * @param gainSpread largest |ln sum| over its rows and columns; NaN if a sum is 0
 */
@SuppressWarnings("ArrayRecordComponent") // travels within the package only
record Composite(double[] gain, double gainForward, double gainBackward, double gainSpread) {

  /** The composite, or null unless every operator's matrix is at hand, of each equally many. */
  static @Nullable Composite of(List<LayerVerdict> chain) {
    int n = chain.getFirst().n();
    int batch = atHand(chain.getFirst());
    for (LayerVerdict link : chain) {
      if (link.matrix() == null || atHand(link) != batch) {
        return null;
      }
    }
    double[] gain = new double[chain.size()];
    double forward = 0;
    double backward = 0;
    double spread = 0;
    for (int b = 0; b < batch; b++) {
      DMatrixRMaj product = CommonOps_DDRM.identity(n);
      DMatrixRMaj detail = CommonOps_DDRM.identity(n);
      subtractColumnMeans(detail); // I - J
      for (int l = 0; l < gain.length; l++) {
        DMatrixRMaj operator = operator(chain.get(l), b);
        product = CommonOps_DDRM.mult(operator, product, null);
        detail = CommonOps_DDRM.mult(operator, detail, null);
        gain[l] = Math.max(gain[l], detailNorm(detail));
      }
      double[] rows = CommonOps_DDRM.sumRows(product, null).data;
      double[] columns = CommonOps_DDRM.sumCols(product, null).data;
      for (int i = 0; i < n; i++) {
        forward = Math.max(forward, Math.abs(rows[i]));
        backward = Math.max(backward, Math.abs(columns[i]));
        spread = Math.max(spread, Math.max(logDistance(rows[i]), logDistance(columns[i])));
      }
    }
    return new Composite(gain, forward, backward, spread);
  }

  private static int atHand(LayerVerdict link) {
    return link.matrix() == null ? 0 : link.matrix().length / link.n() / link.n();
  }

  private static DMatrixRMaj operator(LayerVerdict link, int index) {
    int n = link.n();
    DMatrixRMaj operator = new DMatrixRMaj(n, n);
    double[] matrix = java.util.Objects.requireNonNull(link.matrix());
    System.arraycopy(matrix, index * n * n, operator.data, 0, n * n);
    return operator;
  }

  private static double detailNorm(DMatrixRMaj detail) {
    DMatrixRMaj centred = detail.copy();
    subtractColumnMeans(centred);
    double norm = 0;
    for (double singular : SingularOps_DDRM.singularValues(centred)) {
      norm = Math.max(norm, singular);
    }
    return norm;
  }

  private static void subtractColumnMeans(DMatrixRMaj a) {
    for (int j = 0; j < a.numCols; j++) {
      double sum = 0;
      for (int i = 0; i < a.numRows; i++) {
        sum += a.get(i, j);
      }
      for (int i = 0; i < a.numRows; i++) {
        a.set(i, j, a.get(i, j) - sum / a.numRows);
      }
    }
  }

  private static double logDistance(double sum) {
    return sum == 0 ? Double.NaN : Math.abs(Math.log(Math.abs(sum)));
  }
}

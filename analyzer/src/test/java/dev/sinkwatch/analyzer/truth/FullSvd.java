package dev.sinkwatch.analyzer.truth;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * What an operator P really does, by full singular value decompositions in double precision of P
 * and of QPQ, Q = I - 11'/n. EJML's (Golub and Kahan), which shares no code with the analyzer's own
 * decompositions; its absolute error is a few n ulps of the largest value.
 *
 * @param sigma2 0 when there is but one singular value
 */
record FullSvd(double detailGain, double sigma1, double sigma2) {

  /** Of an operator, row-major. */
  static FullSvd of(double[] p, int n) {
    int exponent = exponent(p);
    double[] scaled = scaled(p, -exponent);
    double[] gain = singularValues(Mixers.centred(scaled, n), n, n);
    double[] sigma = singularValues(scaled, n, n);
    return new FullSvd(
        Math.scalb(gain[0], exponent),
        Math.scalb(sigma[0], exponent),
        n > 1 ? Math.scalb(sigma[1], exponent) : 0);
  }

  /** Largest first. */
  static double[] singularValues(double[] a, int rows, int columns) {
    int exponent = exponent(a);
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows, columns, false, false, true);
    if (!svd.decompose(DMatrixRMaj.wrap(rows, columns, scaled(a, -exponent)))) {
      throw new ArithmeticException("the reference decomposition did not converge");
    }
    double[] sigma = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
    Arrays.sort(sigma);
    double[] descending = new double[sigma.length];
    for (int i = 0; i < sigma.length; i++) {
      descending[i] = Math.scalb(sigma[sigma.length - 1 - i], exponent);
    }
    return descending;
  }

  /** Of the largest entry: measured in it, nothing overflows and nothing that counts vanishes. */
  private static int exponent(double[] a) {
    double largest = 0;
    for (double value : a) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest == 0 ? 0 : Math.getExponent(largest);
  }

  private static double[] scaled(double[] a, int exponent) {
    double[] scaled = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      scaled[i] = Math.scalb(a[i], exponent);
    }
    return scaled;
  }
}

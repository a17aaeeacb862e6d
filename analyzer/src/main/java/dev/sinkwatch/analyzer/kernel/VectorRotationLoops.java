package dev.sinkwatch.analyzer.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The loops with the widest vectors of this machine. */
final class VectorRotationLoops implements RotationLoops {
  private static final VectorSpecies<Double> LANES = DoubleVector.SPECIES_PREFERRED;
  private static final int WIDTH = LANES.length();

  @Override
  public double dot(double[] x, double[] y) {
    DoubleVector even = DoubleVector.zero(LANES);
    DoubleVector odd = even;
    int i = 0;
    for (; i <= x.length - 2 * WIDTH; i += 2 * WIDTH) {
      even = DoubleVector.fromArray(LANES, x, i).fma(DoubleVector.fromArray(LANES, y, i), even);
      odd =
          DoubleVector.fromArray(LANES, x, i + WIDTH)
              .fma(DoubleVector.fromArray(LANES, y, i + WIDTH), odd);
    }
    if (i < x.length) {
      even = DoubleVector.fromArray(LANES, x, i).fma(DoubleVector.fromArray(LANES, y, i), even);
    }
    return VectorSums.total(even.add(odd));
  }

  @Override
  public void rotate(double[] x, double[] y, double cos, double sin) {
    DoubleVector c = DoubleVector.broadcast(LANES, cos);
    DoubleVector s = DoubleVector.broadcast(LANES, sin);
    for (int i = 0; i < x.length; i += WIDTH) {
      DoubleVector a = DoubleVector.fromArray(LANES, x, i);
      DoubleVector b = DoubleVector.fromArray(LANES, y, i);
      c.mul(a).sub(s.mul(b)).intoArray(x, i);
      s.mul(a).add(c.mul(b)).intoArray(y, i);
    }
  }
}

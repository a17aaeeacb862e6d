package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.Quad;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;

/**
 * An n x b block of vectors in single precision, four to a quad; where b is no multiple of four the
 * last are zeros. Small matrices beside it are in double precision. For one thread.
 */
record Block(List<Quad> quads, int b) {

  /** Zeros. */
  static Block zeros(int n, int b) {
    List<Quad> quads = new ArrayList<>();
    for (int c = 0; c < b; c += 4) {
      quads.add(b == 1 ? Quad.single(n) : new Quad(n));
    }
    return new Block(quads, b);
  }

  static Block gaussian(int n, int b, RandomGenerator random) {
    Block block = zeros(n, b);
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < b; c++) {
        block.quads.get(c / 4).set(i, c % 4, random.nextGaussian());
      }
    }
    return block;
  }

  int n() {
    return quads.getFirst().size();
  }

  void centre() {
    quads.forEach(Quad::centre);
  }

  /** This' other. */
  DMatrixRMaj transposeTimes(Block other) {
    DMatrixRMaj product = new DMatrixRMaj(b, other.b);
    for (int r = 0; r < quads.size(); r++) {
      for (int c = 0; c < other.quads.size(); c++) {
        double[] dots = quads.get(r).dots(other.quads.get(c));
        for (int i = 0; i < 16; i++) {
          int row = 4 * r + i / 4;
          int column = 4 * c + i % 4;
          if (row < b && column < other.b) {
            product.set(row, column, dots[i]);
          }
        }
      }
    }
    return product;
  }

  /** Frobenius norm. */
  double norm() {
    double squares = 0;
    for (Quad quad : quads) {
      double[] dots = quad.dots(quad);
      for (int i = 0; i < 16; i += 5) {
        squares += dots[i];
      }
    }
    return Math.sqrt(squares);
  }

  /** This += factor other s. */
  void add(Block other, double factor, DMatrixRMaj s) {
    double[] h = new double[16];
    for (int r = 0; r < other.quads.size(); r++) {
      for (int c = 0; c < quads.size(); c++) {
        for (int i = 0; i < 16; i++) {
          int row = 4 * r + i / 4;
          int column = 4 * c + i % 4;
          h[i] = row < s.numRows && column < s.numCols ? factor * s.get(row, column) : 0;
        }
        quads.get(c).add(other.quads.get(r), h);
      }
    }
  }

  /** This s. */
  Block times(DMatrixRMaj s) {
    Block product = zeros(n(), s.numCols);
    product.add(this, 1, s);
    return product;
  }

  /** The sum of each vector's entries. */
  double[] sums() {
    double[] sums = new double[b];
    for (int c = 0; c < b; c++) {
      if (c % 4 == 0) {
        System.arraycopy(quads.get(c / 4).sums(), 0, sums, c, Math.min(4, b - c));
      }
    }
    return sums;
  }

  /** Vector c -= factor_c x. */
  void subtract(double[] x, double[] factors) {
    for (int q = 0; q < quads.size(); q++) {
      double[] four = new double[4];
      System.arraycopy(factors, 4 * q, four, 0, Math.min(4, b - 4 * q));
      quads.get(q).subtract(x, four);
    }
  }
}

package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Block Lanczos on a Gram operator G: after k products the largest eigenvalues of the block
 * tridiagonal T are lower bounds of those of G (Rayleigh, Ritz), and from a random start the
 * recursion's coefficients make an upper bound ({@link KrylovBound}).
 *
 * <p>G Q_j = Q_{j-1} beta_{j-1}' + Q_j alpha_j + Q_{j+1} beta_j + D_j, with Q_1 R the start and D_j
 * the rounding of single precision, whose length is known. All Q are kept and every new block is
 * made orthogonal to all of them. A block whose vectors run out of new directions becomes narrower;
 * when none is left the space is invariant. Memory: n b floats a product. For one thread.
 *
 * <p>Musco and Musco, "Randomized block Krylov methods", NeurIPS 2015; Golub and Van Loan, Matrix
 * Computations, 4th ed., section 10.3.6.
 */
final class BlockLanczos {

  /** What taking off the space and scaling may add to a vector, relative to G. */
  private static final double CLEANING = 4 * PanelMatrix.UNIT;

  private final List<Block> basis = new ArrayList<>();
  private final BlockTridiagonal t = new BlockTridiagonal();
  private final List<Double> strange = new ArrayList<>();
  private final List<GramOperator.Image> images = new ArrayList<>();
  private final DMatrixRMaj start;
  private final double startError;
  private final List<Block> outside;

  /** What new blocks must be orthogonal to: those outside and the basis. */
  private final List<Block> space = new ArrayList<>();

  /**
   * @param omega vectors to start from, orthogonal to those outside; not changed
   * @param outside orthonormal vectors that G leaves out, the constant one of an operator's detail
   */
  BlockLanczos(Block omega, List<Block> outside) {
    this.outside = outside;
    this.space.addAll(outside);
    Orthonormal first = Orthonormal.of(omega, outside, 0);
    append(first.q());
    start = first.coefficients();
    startError =
        Math.hypot(first.removed(), first.dropped()) + CLEANING * NormOps_DDRM.normF(start);
  }

  /** R: how the start follows from the first block. */
  DMatrixRMaj start() {
    return start;
  }

  BlockTridiagonal tridiagonal() {
    return t;
  }

  /**
   * Frobenius norm of D_j at most: what was seen of it, and what rounding may have added unseen.
   *
   * @param gram what the products were made with
   * @param sigma square root of the largest eigenvalue of G
   */
  double error(int j, GramOperator gram, double sigma) {
    return strange.get(j)
        + Math.sqrt(basis.get(j).b()) * (gram.rounding(sigma) + CLEANING * sigma * sigma);
  }

  /** Frobenius norm of all D_j together: what rounding may have added to an eigenvalue of T. */
  double error(GramOperator gram, double sigma) {
    double square = 0;
    for (int j = 0; j < products(); j++) {
      double length = error(j, gram, sigma);
      square += length * length;
    }
    return Math.sqrt(square);
  }

  /**
   * What the start may differ from Q_1 R by, in Frobenius norm: directions left out and what
   * rounding has changed.
   */
  double startError() {
    return startError;
  }

  int products() {
    return t.alpha().size();
  }

  /** Whether the space is invariant, so that further products would tell nothing. */
  boolean exhausted() {
    return basis.getLast().b() == 0
        || t.size() + basis.getLast().b()
            > basis.getFirst().n() - outside.stream().mapToInt(Block::b).sum();
  }

  private void append(Block q) {
    basis.add(q);
    space.add(q);
  }

  /** What is to be multiplied with G next. */
  Block next() {
    return basis.getLast();
  }

  /**
   * Takes the product with {@link #next}.
   *
   * @param rounding of that product, of a vector of length 1
   */
  void accept(GramOperator.Image image, double rounding) {
    Block q = basis.getLast();
    Block z = image.z();
    DMatrixRMaj a = symmetric(q.transposeTimes(z));
    double seen = 0;
    for (int i = 0; i < basis.size(); i++) {
      Block known = basis.get(i);
      DMatrixRMaj share = known.transposeTimes(z);
      z.add(known, -1, share);
      // what is taken off beyond the recursion is an error of it
      if (i == basis.size() - 1) {
        CommonOps_DDRM.subtractEquals(share, a);
      } else if (i == basis.size() - 2) {
        CommonOps_DDRM.subtractEquals(share, CommonOps_DDRM.transpose(t.beta().getLast(), null));
      }
      seen = Math.hypot(seen, NormOps_DDRM.normF(share));
    }
    Orthonormal next = Orthonormal.of(z, space, rounding);
    images.add(new GramOperator.Image(Block.zeros(1, 0), image.means(), image.turned()));
    t.add(a, next.coefficients());
    append(next.q());
    strange.add(Math.hypot(seen, next.removed()) + next.dropped());
  }

  /** Ritz vectors of the largest eigenvalues: n x {@code count} at most, orthonormal. */
  Block largest(int count) {
    double[][] coordinates = t.vectors(count);
    Block x = Block.zeros(basis.getFirst().n(), coordinates.length);
    int at = 0;
    for (int j = 0; j < products(); j++) {
      Block q = basis.get(j);
      DMatrixRMaj share = new DMatrixRMaj(q.b(), coordinates.length);
      for (int i = 0; i < q.b(); i++) {
        for (int c = 0; c < coordinates.length; c++) {
          share.set(i, c, coordinates[c][at + i]);
        }
      }
      x.add(q, 1, share);
      at += q.b();
    }
    return x;
  }

  /** G Q_1 of the first block, orthonormal: one step of subspace iteration. */
  Block image() {
    Block z = basis.getFirst().times(t.alpha().getFirst());
    if (basis.get(1).b() > 0) {
      z.add(basis.get(1), 1, t.beta().getFirst());
    }
    return Orthonormal.of(z, outside, 0).q();
  }

  /**
   * The two largest singular values of an operator P on some vectors of the space and the constant
   * vector together, lower bounds of P's own by the minimax theorem: P'P there is [s, t'; t, T + f
   * f'], f what they give to the mean and t how the mean turns into them.
   *
   * @param meanSquare ||P 1||² / n
   * @param count how many Ritz vectors
   */
  double[] withMean(double meanSquare, int count) {
    double[][] coordinates = t.vectors(count);
    int size = t.size();
    double[] means = new double[size];
    double[] turned = new double[size];
    int at = 0;
    for (GramOperator.Image image : images) {
      System.arraycopy(image.means(), 0, means, at, image.means().length);
      System.arraycopy(image.turned(), 0, turned, at, image.turned().length);
      at += image.means().length;
    }
    int k = coordinates.length;
    DMatrixRMaj w = new DMatrixRMaj(coordinates);
    DMatrixRMaj inner = CommonOps_DDRM.multTransB(CommonOps_DDRM.mult(w, t.dense(), null), w, null);
    DMatrixRMaj f = CommonOps_DDRM.mult(w, DMatrixRMaj.wrap(size, 1, means), null);
    DMatrixRMaj g = CommonOps_DDRM.mult(w, DMatrixRMaj.wrap(size, 1, turned), null);
    DMatrixRMaj whole = new DMatrixRMaj(k + 1, k + 1);
    whole.set(0, 0, meanSquare);
    for (int i = 0; i < k; i++) {
      whole.set(0, i + 1, g.get(i));
      whole.set(i + 1, 0, g.get(i));
      for (int j = 0; j < k; j++) {
        double mean = (inner.get(i, j) + inner.get(j, i)) / 2;
        whole.set(i + 1, j + 1, mean + f.get(i) * f.get(j));
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = Orthonormal.symmetric(whole);
    double[] squares = new double[k + 1];
    for (int i = 0; i <= k; i++) {
      squares[i] = Math.max(0, eigen.getEigenvalue(i).getReal());
    }
    Arrays.sort(squares);
    return new double[] {Math.sqrt(squares[k]), Math.sqrt(squares[k - 1])};
  }

  private static DMatrixRMaj symmetric(DMatrixRMaj a) {
    DMatrixRMaj symmetric = a.copy();
    for (int i = 0; i < a.numRows; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (a.get(i, j) + a.get(j, i)) / 2;
        symmetric.set(i, j, mean);
        symmetric.set(j, i, mean);
      }
    }
    return symmetric;
  }
}

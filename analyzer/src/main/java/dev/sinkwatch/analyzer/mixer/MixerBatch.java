package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import dev.sinkwatch.analyzer.verdict.Figures;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Judges a batch of small operators tile by tile: some vectors of operators at a time, each step
 * over all of them before the next, so that one vector's long divisions and roots hide behind
 * another's. An operator's figures do not depend on its neighbours: same operators, same bits.
 *
 * <p>A tile is a structure of arrays: entry e of operator b at {@code [e * lanes + b]}. What is
 * left of the last tile is filled with its first operator, which changes no extreme. For one
 * thread.
 */
public final class MixerBatch {

  /** Beyond it products of squares may overflow. */
  private static final double MAX_MAGNITUDE = 1e60;

  /** Values of one tile array: 16 KiB, so that four of them stay in the first-level cache. */
  private static final int TILE_VALUES = 1 << 11;

  private static final int MAX_VECTORS = 8;

  private final int size;
  private final int lanes;
  private final double[] values;
  private final double[] p;
  private final @Nullable Projecting projecting;
  private final TileSpectrum spectrum;
  private final TileMarginals marginals;
  private final Liveliest liveliest;
  private final double[] sigma2;
  private final double[] residuals;
  private final double @Nullable [] kept;
  private int done;

  MixerBatch(int n, int batch, boolean keep, Mixers.@Nullable Recipe recipe, double tolerance) {
    this.size = n * n;
    this.lanes = lanes(n);
    this.values = new double[size * lanes];
    this.p = recipe == null ? values : new double[size * lanes];
    this.spectrum = new TileSpectrum(n, lanes);
    this.marginals = new TileMarginals(n, lanes);
    this.liveliest = new Liveliest(n, lanes);
    this.projecting =
        recipe == null ? null : new Projecting(recipe, n, lanes, tolerance, liveliest);
    this.sigma2 = new double[batch];
    this.residuals = new double[batch];
    this.kept = keep ? new double[batch * size] : null;
  }

  /** Operators of that size that are judged together: best given in multiples of it. */
  static int lanes(int n) {
    int vectors = Math.clamp(TILE_VALUES / (n * n * WIDTH), 1, MAX_VECTORS);
    return vectors * WIDTH;
  }

  /**
   * Judges the next operators.
   *
   * @param all operators or logits, row-major {@code [count, n, n]}, finite
   * @return false when their values are too far from those of a mixer for the engine; the batch is
   *     then to be judged in the plain way
   */
  public boolean add(double[] all, int count) {
    for (int first = 0; first < count; first += lanes) {
      int filled = Math.min(lanes, count - first);
      if (!moderate(all, first * size, (first + filled) * size)) {
        return false;
      }
      gather(all, first, filled);
      if (projecting != null) {
        projecting.project(values, p);
      }
      judge();
      System.arraycopy(spectrum.sigma2, 0, sigma2, done, filled);
      liveliest.residuals(filled, residuals, done);
      if (kept != null) {
        scatter(filled, kept);
      }
      done += filled;
    }
    return true;
  }

  /** What was found, once all operators are judged. */
  public MixerFigures figures() {
    if (done != sigma2.length) {
      throw new IllegalStateException(done + " operators of " + sigma2.length);
    }
    Figures.Builder figures = liveliest.figures();
    if (projecting != null) {
      projecting.finish();
      liveliest.scalingInto(figures);
    }
    return new MixerFigures(figures.build(), sigma2, residuals, kept);
  }

  /** Whether the engine can square the values, told by sums of magnitudes, which are no smaller. */
  private static boolean moderate(double[] all, int from, int to) {
    DoubleVector sum = broadcast(D, 0);
    int i = from;
    for (; i <= to - WIDTH; i += WIDTH) {
      sum = sum.add(fromArray(D, all, i).abs());
    }
    boolean moderate = sum.compare(VectorOperators.LE, MAX_MAGNITUDE).allTrue();
    for (; i < to; i++) {
      moderate &= Math.abs(all[i]) <= MAX_MAGNITUDE;
    }
    return moderate;
  }

  private void gather(double[] all, int first, int filled) {
    for (int e = 0; e < size; e++) {
      int from = first * size + e;
      int to = e * lanes;
      for (int lane = 0; lane < filled; lane++) {
        values[to + lane] = all[from + lane * size];
      }
      for (int lane = filled; lane < lanes; lane++) {
        values[to + lane] = all[from];
      }
    }
  }

  private void scatter(int filled, double[] target) {
    for (int lane = 0; lane < filled; lane++) {
      int to = (done + lane) * size;
      for (int e = 0; e < size; e++) {
        target[to + e] = p[e * lanes + lane];
      }
    }
  }

  private void judge() {
    marginals.of(p, liveliest);
    spectrum.of(p);
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector sigma1 = fromArray(D, spectrum.sigma1, at);
      fromArray(D, spectrum.gain, at)
          .intoArray(liveliest.tile, liveliest.place(Liveliest.DETAIL_GAIN, at));
      sigma1.intoArray(liveliest.tile, liveliest.place(Liveliest.SIGMA1, at));
      fromArray(D, spectrum.sigma2, at)
          .intoArray(liveliest.tile, liveliest.place(Liveliest.SIGMA2, at));
      DoubleVector rank = fromArray(D, marginals.squares, at).div(sigma1.mul(sigma1));
      broadcast(D, 0)
          .blend(rank, sigma1.compare(VectorOperators.GT, 0))
          .intoArray(liveliest.tile, liveliest.place(Liveliest.STABLE_RANK, at));
    }
    liveliest.next();
  }
}

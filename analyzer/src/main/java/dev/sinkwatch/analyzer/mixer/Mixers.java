package dev.sinkwatch.analyzer.mixer;

import dev.sinkwatch.analyzer.sinkhorn.Projection;

/**
 * The door to the batched engine. Without the Vector API, which the JVM has only when it was
 * started with {@code --add-modules jdk.incubator.vector}, or on a machine whose vectors hold fewer
 * than four doubles, it is closed: the caller has a plain way for every operator. This class
 * touches no vector, so that it can be asked anywhere. Stateless.
 */
public final class Mixers {

  /** Largest operators that gain from lanes: a tile of them still fits the first-level cache. */
  private static final int MAX_SIZE = 16;

  private static final int LEAST_WIDTH = 4;

  /** Keeps logits divided by it within the range of doubles. */
  private static final double LEAST_TEMPERATURE = 1e-100;

  private Mixers() {}

  /** How logits become operators: as a profile's rule says. */
  public record Recipe(Projection projection, boolean transpose, double share) {}

  /** Whether the engine takes operators of that size on this machine. */
  public static boolean take(int n) {
    return n >= 2 && n <= MAX_SIZE && Door.OPEN;
  }

  /**
   * Whether the engine makes operators as that projection does, whose own numbers must be in the
   * range where the linear domain is safe.
   */
  public static boolean take(Projection projection) {
    return projection.epsilon() <= 1
        && projection.temperature() >= LEAST_TEMPERATURE
        && switch (projection.method()) {
          case SOFTMAX_EPS, SIGMOID_EPS, LOG, COLUMNS_FIRST -> true;
          case EXP_CLAMP, COLUMN_SOFTMAX_CLAMP -> false; // old code of families of few operators
        };
  }

  /** Operators of a size that the engine takes are best given in multiples of this. */
  public static int together(int n) {
    return MixerBatch.lanes(n);
  }

  /**
   * A batch of operators that were published themselves.
   *
   * @param keep whether the operators are wanted back
   */
  public static MixerBatch published(int n, int batch, boolean keep) {
    return new MixerBatch(n, batch, keep, null, 0);
  }

  /**
   * A batch of operators that follow from logits.
   *
   * @param tolerance Sinkhorn residual below which a scaling counts as converged
   * @param keep whether the operators are wanted back
   */
  public static MixerBatch projected(
      int n, int batch, boolean keep, Recipe recipe, double tolerance) {
    return new MixerBatch(n, batch, keep, recipe, tolerance);
  }

  /** Decided once, when the first small operator comes. */
  private static final class Door {
    static final boolean OPEN =
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
            && Lanes.WIDTH >= LEAST_WIDTH;
  }
}

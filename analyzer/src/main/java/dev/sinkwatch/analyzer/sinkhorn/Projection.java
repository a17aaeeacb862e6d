package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.ScalingLoops;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.BoundedScaling.Weights;
import java.util.Locale;
import java.util.Optional;

/**
 * How one codebase turns n x n logits into a doubly stochastic matrix: Sinkhorn scaling (Knight,
 * "The Sinkhorn-Knopp algorithm", SIAM J. Matrix Anal. Appl. 30, 2008) with its own positive map,
 * order of sides and epsilon. A fixed number of iterations is part of the model: the matrix that
 * they leave is what the model applies, converged or not.
 *
 * @param iterations how often the codebase scales both sides, 1 or more
 * @param temperature the logits are divided by it; only {@link Method#LOG} does so
 * @param epsilon added to weights and to sums, or the least that is divided by where a method is
 *     clamped; unused by {@link Method#LOG} and {@link Method#COLUMNS_FIRST}
 */
public record Projection(Method method, int iterations, double temperature, double epsilon)
    implements Construction {

  /** The algorithms seen. */
  public enum Method {
    /**
     * Softmax over rows, + epsilon, columns divided by (sum + epsilon); then iterations - 1 times
     * rows and columns so. Ends on columns.
     */
    SOFTMAX_EPS,
    /** Sigmoid + epsilon, then iterations times rows and columns. Ends on columns. */
    SIGMOID_EPS,
    /** Log-domain potentials at a temperature, rows then columns. Ends on columns. */
    LOG,
    /** exp(z - column maximum), then columns and rows. Ends on rows. */
    COLUMNS_FIRST,
    /**
     * exp(z), then iterations times rows and columns, each divided by max(sum, epsilon). Ends on
     * columns.
     */
    EXP_CLAMP,
    /** Softmax over columns, then the same as {@link #EXP_CLAMP}. */
    COLUMN_SOFTMAX_CLAMP;

    /** As profiles write it. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Method> named(String wireName) {
      for (Method method : values()) {
        if (method.wireName().equals(wireName)) {
          return Optional.of(method);
        }
      }
      return Optional.empty();
    }
  }

  public Projection {
    if (iterations < 1 || !(temperature > 0) || !(epsilon >= 0)) {
      throw new IllegalArgumentException(
          "iterations %d, temperature %s, epsilon %s".formatted(iterations, temperature, epsilon));
    }
  }

  /** DeepSeek-V4's and Megatron-LM's: {@code softmax-eps}, 20 iterations, 1e-6. */
  public static final Projection SITE = new Projection(Method.SOFTMAX_EPS, 20, 1, 1e-6);

  /**
   * The matrix that the model gets from these logits, before any transpose.
   *
   * @param logits n x n, row-major, finite; not changed
   */
  public double[] apply(double[] logits, int n) {
    Scaling scaling = start(logits, n, Team.alone());
    for (int i = 0; i < iterations; i++) {
      scaling.iterate();
    }
    scaling.keep();
    return scaling.matrix();
  }

  @Override
  public long coefficients(int n) {
    return (long) n * n;
  }

  @Override
  public String inWords() {
    String what = method.wireName() + ", " + iterations + " iterations";
    return switch (method) {
      case LOG -> what + ", temperature " + temperature;
      case COLUMNS_FIRST -> what;
      default -> what + ", epsilon " + epsilon;
    };
  }

  /**
   * The same matrix, with how fast the scaling converges: the same iterations, followed beyond the
   * model's own as far as that takes.
   *
   * <p>{@inheritDoc}
   */
  @Override
  public Projected project(double[] logits, int n, double tolerance, Team team) {
    Scaling scaling = start(logits, n, team);
    ConvergenceWatch watch = new ConvergenceWatch(n, tolerance, this);
    for (int i = 1; i <= iterations || !watch.done(); i++) {
      if (scaling.iterate() && !watch.done()) {
        watch.see(scaling.sums(), scaling.residual());
      }
      if (i == iterations) {
        scaling.keep();
      }
    }
    return new Projected(scaling.matrix(), watch.convergence(), scaling.saturation());
  }

  Scaling start(double[] logits, int n, Team team) {
    ScalingLoops loops = ScalingLoops.best();
    boolean bounded = missing() > 0;
    return switch (method) {
      case SOFTMAX_EPS ->
          bounded
              ? new BoundedScaling(logits, n, Weights.ROW_SOFTMAX, epsilon, team, loops)
              : ExponentialScaling.rowsFirst(logits, n, 1, team, loops);
      case SIGMOID_EPS ->
          bounded
              ? new BoundedScaling(logits, n, Weights.SIGMOID, epsilon, team, loops)
              : ExponentialScaling.ofSigmoid(logits, n, team, loops);
      case LOG -> ExponentialScaling.rowsFirst(logits, n, 1 / temperature, team, loops);
      case COLUMNS_FIRST -> ExponentialScaling.columnsFirst(logits, n, team, loops);
      case EXP_CLAMP -> ClampedScaling.ofExponential(logits, n, epsilon, team, loops);
      case COLUMN_SOFTMAX_CLAMP -> ClampedScaling.ofColumnSoftmax(logits, n, epsilon, team, loops);
    };
  }

  /**
   * What epsilon takes from a sum of 1. An epsilon that no sum of doubles would show is taken as 0.
   */
  double missing() {
    boolean used = method == Method.SOFTMAX_EPS || method == Method.SIGMOID_EPS;
    return used && epsilon >= BoundedScaling.LEAST_EPSILON ? epsilon / (1 + epsilon) : 0;
  }
}

package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.analyzer.profile.Rule;
import dev.sinkwatch.analyzer.profile.SiteTensors.TokenPart;
import dev.sinkwatch.ingest.Shape;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.jspecify.annotations.Nullable;

/**
 * Logits of a site for inputs that are drawn at random: the normalised input of D elements is
 * uniform on the sphere of radius √D, so that F x is √D S z / √(|z|² + c) where z is standard
 * normal, S the symmetric root of F F' and c chi-squared with D less as many degrees of freedom as
 * there are outputs. For large D these are the normal distribution of covariance F F'. S and not
 * another root, since it follows F smoothly: with the same draws at every step, figures move only
 * as far as the weights do. Stateless.
 */
final class IsotropicDraws {

  /** Most operators that are drawn: quantiles of sigma2 are then within 1 % or so of the true. */
  private static final int MOST = 1 << 14;

  /** Most logits that are drawn: larger operators differ less from each other. */
  private static final int MOST_LOGITS = 1 << 18;

  /** Largest operators that are drawn. */
  private static final int MOST_STREAMS = 16;

  /** Degrees of freedom up to which a chi-squared variable is drawn as a sum of squares. */
  private static final long FEW = 32;

  private IsotropicDraws() {}

  /** How many operators of so many logits are drawn. */
  static int count(long coefficients) {
    return (int) Math.min(MOST, MOST_LOGITS / coefficients);
  }

  /** What drawing takes of the heap at most, in bytes: logits, operators, figures. */
  static long bytes(long coefficients, int n) {
    return Footprint.ofDoubles(
            count(coefficients) * (coefficients + (long) n * n + OperatorBatch.HELD))
        + Footprint.ofFigures(count(coefficients));
  }

  /** Whether a rule's tensors of that shape and those parts fit together. */
  static boolean fits(Rule rule, Shape shape, TokenWeight weight) {
    return select(rule, shape, weight) != null;
  }

  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Selected(int n, int[] outputs, int times) {}

  /** Which outputs of the weight are logits of the operator, and for how many rows they serve. */
  private static @Nullable Selected select(Rule rule, Shape shape, TokenWeight weight) {
    int n = rule.derivation().size(shape).orElse(0);
    if (n < 2 || n > MOST_STREAMS) {
      return null;
    }
    long coefficients = rule.derivation().coefficients(n);
    if (rule.derivation().batch(shape, n) != 1) {
      return null;
    }
    TokenPart tokens = Objects.requireNonNull(Objects.requireNonNull(rule.with()).tokens());
    boolean each = tokens.eachStream();
    long expected = each ? shape.columns() : shape.elements();
    if (expected != weight.outputs() || (each && coefficients != (long) n * n)) {
      return null;
    }
    double[] places = new double[(int) shape.elements()];
    for (int i = 0; i < places.length; i++) {
      places[i] = i;
    }
    double[] taken = rule.derivation().logits().take(places, shape, n, coefficients).values();
    int[] outputs = new int[each ? n : taken.length];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = (int) taken[i] % weight.outputs();
    }
    return new Selected(n, outputs, each ? n : 1);
  }

  /**
   * Draws logits of operators.
   *
   * @param base what does not depend on the token
   * @param random the same for all steps of a run
   */
  static LogitsPart.Logits draw(
      LogitsPart.Logits base, Rule rule, Shape shape, StepParts parts, RandomGenerator random) {
    TokenWeight weight = parts.weight();
    Selected selected = Objects.requireNonNull(select(rule, shape, weight));
    int each = selected.outputs.length;
    double[] root = root(weight.gram(selected.outputs), each, parts.scale());
    int coefficients = base.values().length;
    int count = count(coefficients);
    double[] logits = new double[count * coefficients];
    double[] z = new double[each];
    for (int at = 0; at < logits.length; at += coefficients) {
      for (int block = 0; block < selected.times; block++) {
        double radius = draw(z, weight.inputs(), random);
        for (int i = 0; i < each; i++) {
          double sum = 0;
          for (int j = 0; j < each; j++) {
            sum += root[i * each + j] * z[j];
          }
          int place = block * each + i;
          logits[at + place] = base.values()[place] + radius * sum;
        }
      }
    }
    return new LogitsPart.Logits(logits, count, base.n());
  }

  /** Fills z; returns what brings the input to its norm. */
  private static double draw(double[] z, long inputs, RandomGenerator random) {
    double square = 0;
    for (int i = 0; i < z.length; i++) {
      z[i] = random.nextGaussian();
      square += z[i] * z[i];
    }
    long rest = inputs - z.length;
    return rest < 0 ? 1 : Math.sqrt(inputs / (square + chiSquared(rest, random)));
  }

  /** Beyond a few degrees by Wilson and Hilferty's cube, PNAS 17, 1931. */
  private static double chiSquared(long degrees, RandomGenerator random) {
    if (degrees > FEW) {
      double ninth = 2 / (9.0 * degrees);
      double root = 1 - ninth + Math.sqrt(ninth) * random.nextGaussian();
      return degrees * root * root * root;
    }
    double sum = 0;
    for (int i = 0; i < degrees; i++) {
      double value = random.nextGaussian();
      sum += value * value;
    }
    return sum;
  }

  /** The symmetric root of a positive semidefinite matrix, times a factor. */
  private static double[] root(double[] gram, int k, double factor) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(k, true, true);
    if (!eigen.decompose(DMatrixRMaj.wrap(k, k, gram))) {
      throw new IllegalStateException("a symmetric matrix of %d rows has no spectrum".formatted(k));
    }
    double[] root = new double[k * k];
    for (int e = 0; e < k; e++) {
      double value = factor * Math.sqrt(Math.max(0, eigen.getEigenvalue(e).getReal()));
      double[] v = eigen.getEigenVector(e).data;
      for (int i = 0; i < k; i++) {
        for (int j = 0; j < k; j++) {
          root[i * k + j] += value * v[i] * v[j];
        }
      }
    }
    return root;
  }
}

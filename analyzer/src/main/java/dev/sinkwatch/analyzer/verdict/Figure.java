package dev.sinkwatch.analyzer.verdict;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A number computed from one layer's snapshot. P is the operator as the model applies it, J =
 * 11'/n, Q = I - J, norms are Euclidean. JSON and the page name a figure in camel case.
 */
public enum Figure {
  DETAIL_GAIN("‖QPQ‖: how much of the differences between streams one layer can keep"),
  DETAIL_GAIN_LOWER("certain lower bound of detailGain"),
  DETAIL_GAIN_UPPER("upper bound of detailGain, true with probability 1 - 1e-9"),
  SIGMA1("largest singular value"),
  /** Of ordinary matrices. */
  SIGMA1_LOWER("certain lower bound of sigma1"),
  SIGMA1_UPPER("upper bound of sigma1, true with probability 1 - 1e-9"),
  SIGMA2("second largest singular value"),
  SIGMA2_LOWER("certain lower bound of sigma2"),
  SIGMA2_UPPER("upper bound of sigma2, true with probability 1 - 1e-9"),
  ROW_RESIDUAL("largest |row sum - 1|"),
  COLUMN_RESIDUAL("largest |column sum - 1|"),
  LEAK_TO_DETAIL("‖QPJ‖: standard deviation of the row sums"),
  LEAK_TO_MEAN("‖JPQ‖: standard deviation of the column sums"),
  MEAN_GAIN("|1'P1| / n: what the mean is multiplied by"),
  GAIN_FORWARD("largest |row sum|: amplification of the forward signal"),
  GAIN_BACKWARD("largest |column sum|: amplification of the gradient"),
  GAIN_SPREAD("largest |ln sum| over rows and columns; undefined if a sum is 0"),
  ENTROPY("mean row entropy / ln n; 1 is the uniform matrix"),
  BARYCENTER_DISTANCE("‖P - J‖_F / √(n-1): 0 at the uniform matrix"),
  IDENTITY_DISTANCE("‖P - I‖_F / √n: 0 at the identity"),
  PERMUTATION_DISTANCE("1 - ‖P‖²_F / n: 0 at a permutation"),
  FROBENIUS("Frobenius norm"),
  STABLE_RANK("‖A‖²_F / sigma1²"),
  EFFECTIVE_DEPTH("layers until detail falls to eps: ln eps / ln detailGain"),
  ITERATIONS_TO_TOLERANCE("Sinkhorn iterations until both residuals are below the tolerance"),
  CONTRACTION_RATE("measured ratio of successive Sinkhorn residuals; tends to sigma2²"),
  SATURATION("largest minus smallest weight of the row softmax of the logits"),
  /** Of a run that says how its weights decay. */
  SIGMA2_FROM_DECAY("sigma2 if nothing but weight decay had changed the first logits seen"),
  DECAY_FACTOR("what weight decay alone has left of those logits"),
  /** Not in a batch's extremes but over time: how far a frozen operator has moved. */
  MOVEMENT("‖P_t - P_0‖_F / √n since the operator came within 1e-3 of a permutation");

  private static final Map<String, Figure> BY_KEY =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Figure::key, Function.identity()));

  private final String key;
  private final String meaning;

  Figure(String meaning) {
    this.meaning = meaning;
    this.key = camelCase(name());
  }

  /** Its name in JSON: {@code detailGainUpper}. */
  public String key() {
    return key;
  }

  /** One line for a person. */
  public String meaning() {
    return meaning;
  }

  /**
   * Of a batch the liveliest operator speaks, which has the largest figure; of entropy the
   * smallest.
   */
  public double livelier(double a, double b) {
    return this == ENTROPY ? Math.min(a, b) : Math.max(a, b);
  }

  /** The figure of that JSON name, or null. */
  public static @Nullable Figure ofKey(String key) {
    return BY_KEY.get(key);
  }

  private static String camelCase(String constant) {
    StringBuilder key = new StringBuilder();
    for (String word : constant.toLowerCase(Locale.ROOT).split("_", -1)) {
      key.append(key.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return key.toString();
  }
}

package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The singular values of large operators P. The first snapshot of a layer takes a randomized block
 * Krylov search for the detail gain ||QPQ||, the mean deflated. Of large ones ({@link
 * CertifiedMatrices}) the next take one pass with the last one's singular vectors, as long as the
 * certificate carries: ||QP_tQ|| is at most ||QP_cQ|| + ||P_t - P_c||_F by the triangle inequality,
 * P_c the snapshot that was certified. Immutable; safe for use by several threads, each with layers
 * of its own.
 */
public final class OperatorSpectrum {
  private final double delta;
  private final Team team;

  /**
   * @param delta probability with which an upper bound may be false
   */
  public OperatorSpectrum(double delta, Team team) {
    this.delta = delta;
    this.team = team;
  }

  /**
   * What a look at an operator gave.
   *
   * @param spectrum null when an entry is not finite, or when it is no operator
   * @param carried whether the upper bounds rest on an earlier snapshot's certificate
   */
  public record Judged(Survey survey, @Nullable Spectrum spectrum, int passes, boolean carried) {}

  /**
   * What one look may cost.
   *
   * @param passes most passes over the matrix, 1 or more
   * @param keep whether its panels may be kept in memory
   */
  public record Allowance(int passes, boolean keep) {}

  /**
   * Judges an operator.
   *
   * @param known what the layer's last snapshot left; takes what this one leaves
   * @param operator given the first pass, whether the matrix is what it was taken for; if not, the
   *     look ends there and leaves nothing
   * @param caution given an upper bound of the gain that is only carried, whether it must be
   *     certified instead
   * @param random secret from whoever made the matrix
   */
  public Judged judge(
      RowSource p,
      Known known,
      Predicate<Survey> operator,
      DoublePredicate caution,
      Allowance allowance,
      RandomGenerator random)
      throws IOException {
    Judged judged =
        new OperatorLook(delta, team, p, known, operator, caution, allowance, random, 1).judge();
    double scale = scale(judged.survey());
    if (judged.spectrum() == null || scale == 1 || allowance.passes() == 1) {
      return judged;
    }
    // nearly uniform, or far from any operator: once more, where floats neither vanish nor overflow
    Allowance left = new Allowance(allowance.passes() - judged.passes(), allowance.keep());
    Judged again =
        new OperatorLook(delta, team, p, known, operator, caution, left, random, scale).judge();
    return new Judged(
        again.survey(), again.spectrum(), again.passes() + judged.passes(), again.carried());
  }

  /**
   * Operators that are judged as their rows come.
   *
   * @param count of them
   * @param random as above
   */
  public StreamedOperators streamed(Dtype dtype, int n, int count, RandomGenerator random) {
    return new StreamedOperators(delta, dtype, n, count, random);
  }

  /** What brings the matrix, as it was shifted, to where floats neither vanish nor overflow. */
  static double scale(Survey survey) {
    Survey.Mixing mixing = survey.mixing();
    return mixing == null ? 1 : FloatRange.scale(Math.sqrt(mixing.fromShift()));
  }
}

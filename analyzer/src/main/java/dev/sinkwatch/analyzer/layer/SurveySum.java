package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.Survey;

/** Surveys of the operators of a batch as one of the whole tensor. For one thread. */
final class SurveySum {
  private long nonFinite;
  private double frobenius;
  private boolean doublyStochastic = true;

  void add(Survey survey) {
    nonFinite += survey.nonFinite();
    frobenius = Math.hypot(frobenius, survey.frobenius());
    doublyStochastic &= stochastic(survey);
  }

  TensorSurvey survey() {
    return new TensorSurvey(nonFinite, frobenius, doublyStochastic);
  }

  /**
   * Whether one operator's entries and sums are those of a doubly stochastic matrix, some of whose
   * entries may not be finite.
   */
  static boolean stochastic(Survey survey) {
    Survey.Mixing mixing = survey.mixing();
    double[] rowSums = survey.rowSums();
    boolean finite = survey.nonFinite() == 0;
    return mixing != null
        && !mixing.negative()
        && rowSums != null
        && nearOne(rowSums, finite)
        && nearOne(survey.columnSums(), finite);
  }

  private static boolean nearOne(double[] sums, boolean finite) {
    int good = 0;
    for (double sum : sums) {
      if (Math.abs(sum - 1) <= TensorSurvey.TOLERANCE) {
        good++;
      } else if (finite || Double.isFinite(sum)) {
        return false;
      }
    }
    return finite || TensorSurvey.enough(good, sums.length);
  }
}

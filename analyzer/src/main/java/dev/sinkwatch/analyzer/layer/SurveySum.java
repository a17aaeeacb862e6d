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

  /** Whether one operator's entries and sums are those of a doubly stochastic matrix. */
  static boolean stochastic(Survey survey) {
    Survey.Mixing mixing = survey.mixing();
    double[] rowSums = survey.rowSums();
    return survey.nonFinite() == 0
        && mixing != null
        && !mixing.negative()
        && rowSums != null
        && nearOne(rowSums)
        && nearOne(survey.columnSums());
  }

  private static boolean nearOne(double[] sums) {
    for (double sum : sums) {
      if (!(Math.abs(sum - 1) <= TensorSurvey.TOLERANCE)) {
        return false;
      }
    }
    return true;
  }
}

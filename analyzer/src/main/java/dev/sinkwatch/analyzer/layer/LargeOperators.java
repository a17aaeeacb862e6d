package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Judges the large operators of one snapshot. The alarms are judged on the figure of the liveliest:
 * where they may change their state, it is certified, whichever operator that turns out to be. For
 * one thread.
 */
final class LargeOperators {

  /** Where the operators come from. */
  @FunctionalInterface
  interface Source {

    /** Makes an operator; once more if it has to be judged twice. */
    Operator of(int index) throws IOException;
  }

  /**
   * One operator.
   *
   * @param more adds figures that are not the matrix's own
   */
  record Operator(RowSource rows, Consumer<Figures.Builder> more) {}

  private final OperatorJudge judge;
  private final LayerHistory history;
  private final Source source;
  private final OperatorSpectrum.Allowance allowance;
  private final RandomGenerator random;
  private final Figures[] figures;
  private final int[] passes;
  private final boolean[] carried;
  private final SurveySum surveys = new SurveySum();

  LargeOperators(
      OperatorJudge judge,
      LayerHistory history,
      int count,
      Source source,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random) {
    this.judge = judge;
    this.history = history;
    this.source = source;
    this.allowance = allowance;
    this.random = random;
    this.figures = new Figures[count];
    this.passes = new int[count];
    this.carried = new boolean[count];
    Arrays.fill(figures, Figures.NONE);
  }

  /**
   * Judges all of them, or up to the first that is none.
   *
   * @param operator whether, after the first pass, a matrix still is one
   */
  void judge(Predicate<Survey> operator) throws IOException {
    boolean alone = figures.length == 1;
    DoublePredicate caution = upper -> alone && history.vigilance().needsCertificate(upper);
    for (int b = 0; b < figures.length; b++) {
      Survey survey = judge(b, operator, caution);
      surveys.add(survey);
      if (!operator.test(survey)) {
        return;
      }
    }
    certifyLiveliest();
  }

  private void certifyLiveliest() throws IOException {
    for (int i = 0; i < figures.length; i++) {
      int liveliest = 0;
      for (int b = 0; b < figures.length; b++) {
        double upper = upper(b);
        if (Double.isNaN(upper)) {
          return; // so is the batch's
        }
        liveliest = upper > upper(liveliest) ? b : liveliest;
      }
      if (!carried[liveliest] || !history.vigilance().needsCertificate(upper(liveliest))) {
        return;
      }
      judge(liveliest, survey -> true, upper -> true);
      carried[liveliest] = false; // or no passes are left for a certificate
    }
  }

  private Survey judge(int b, Predicate<Survey> operator, DoublePredicate caution)
      throws IOException {
    Operator made = source.of(b);
    OperatorJudge.JudgedLarge judged =
        judge.judge(made.rows(), history.known(b), operator, caution, allowance, random);
    Figures.Builder builder = judged.figures();
    made.more().accept(builder);
    figures[b] = builder.build();
    passes[b] += judged.passes();
    carried[b] = judged.carried();
    return judged.survey();
  }

  private double upper(int b) {
    return figures[b].get(Figure.DETAIL_GAIN_UPPER);
  }

  /** Of all that were judged, as one of the whole tensor. */
  TensorSurvey survey() {
    return surveys.survey();
  }

  OperatorBatch batch(int n) {
    OperatorBatch batch = new OperatorBatch(figures.length, n);
    for (int b = 0; b < figures.length; b++) {
      batch.add(figures[b], passes[b], null);
    }
    return batch;
  }
}

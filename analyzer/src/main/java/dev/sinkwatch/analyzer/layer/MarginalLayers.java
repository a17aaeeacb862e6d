package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.PlanMarginals;
import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Rule;
import dev.sinkwatch.analyzer.spectrum.MatrixSpectrum;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotHead;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges matrices that were published themselves and whose sums are meant to be other than 1: the
 * attention of Sinkformers, transport plans. Unless their publisher says what they are, their
 * values have to look like it. Immutable.
 */
final class MarginalLayers {

  /** Values that are held at once: 512 MiB as doubles. */
  private static final long MAX_VALUES = 1L << 26;

  private final Budget budget;
  private final SecretDraws draws;
  private final OperatorJudge operators;
  private final PlanJudge plans;

  MarginalLayers(
      Budget budget, SecretDraws draws, OperatorJudge operators, MatrixSpectrum matrices) {
    this.budget = budget;
    this.draws = draws;
    this.operators = operators;
    this.plans = new PlanJudge(operators, matrices);
  }

  /** The rule of a layer that is to be looked at here. */
  static Optional<Profile.Match> candidate(SnapshotHead snapshot, Optional<Profile.Match> match) {
    Kind said = snapshot.hints().kind();
    Optional<Profile.Match> ruled =
        match.filter(
            found -> found.rule().byValues() && (said == null || said == found.rule().kind()));
    return ruled.isEmpty() && said == Kind.TRANSPORT_PLAN
        ? Optional.of(Recognition.unruled(snapshot, Rule.PUBLISHED_PLAN))
        : ruled;
  }

  /**
   * Judges a layer if it is what the rule says.
   *
   * @return null when its values are something else
   * @throws RejectedException when its publisher says so, but its shape or its size forbids it
   */
  @Nullable LayerVerdict judge(Snapshot snapshot, Profile.Match match, LayerHistory history)
      throws IOException {
    Shape shape = snapshot.shape();
    Rule rule = match.rule();
    boolean said = snapshot.hints().kind() == rule.kind() || history.ruled() == rule.kind();
    if (!possible(snapshot, rule)) {
      if (said) {
        throw new RejectedException(
            Reason.KIND_NOT_SHAPE,
            "a tensor of shape [%s] and type %s cannot be of kind %s"
                .formatted(shape, snapshot.dtype(), rule.kind().wireName()));
      }
      return null;
    }
    if (shape.elements() > MAX_VALUES) {
      if (!said) {
        return null;
      }
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE,
          "%d values are more than the %d that can be held"
              .formatted(shape.elements(), MAX_VALUES));
    }
    int rows = Math.toIntExact(shape.dimension(-2));
    int columns = Math.toIntExact(shape.dimension(-1));
    double[] a = rule.marginals().rows(rows, columns);
    double[] b = rule.marginals().columns(rows, columns);
    double first = firstSum(snapshot, columns) / a[0];
    boolean plain = rule.kind() == Kind.DOUBLY_STOCHASTIC && first > Math.sqrt(rows);
    if (plain || (!said && !near(first))) {
      return null; // sums nearer to 1 than to 1/n need no rule
    }
    int size = Math.toIntExact(shape.elements() / rows / columns);
    long held = Footprint.ofDoubles(shape.elements() + 3L * rows * columns);
    try (Budget.Search search =
        budget.search(snapshot, rows, columns, held + Footprint.ofFigures(size))) {
      TensorSurvey survey = TensorSurvey.of(snapshot, false);
      Recognition layer = Recognition.ruled(snapshot, match, rows == columns ? columns : 0);
      if (survey.nonFinite() > 0) {
        return Conclusion.verdict(snapshot, layer, survey, size, 1, Figures.NONE);
      }
      double[] values = SnapshotMatrix.values(snapshot).read();
      if (!said && !held(values, a, b)) {
        return null;
      }
      history.rule(rule.kind());
      PlanJudge.normalise(values, a, b);
      OperatorBatch batch =
          batch(snapshot, rule.marginals(), values, a, b, history, search.allowance());
      return Conclusion.operators(snapshot, layer, survey, history, batch, () -> values);
    }
  }

  /** Whether the first row is that of what the rule says, or the publisher says that it is. */
  static boolean begins(Snapshot snapshot, Profile.Match match) throws IOException {
    Rule rule = match.rule();
    if (snapshot.hints().kind() == rule.kind() || !possible(snapshot, rule)) {
      return snapshot.hints().kind() == rule.kind();
    }
    int rows = Math.toIntExact(snapshot.shape().dimension(-2));
    int columns = Math.toIntExact(snapshot.shape().dimension(-1));
    return near(firstSum(snapshot, columns) / rule.marginals().rows(rows, columns)[0]);
  }

  private OperatorBatch batch(
      Snapshot snapshot,
      PlanMarginals marginals,
      double[] values,
      double[] a,
      double[] b,
      LayerHistory history,
      OperatorSpectrum.Allowance allowance)
      throws IOException {
    int square = a.length * b.length;
    int size = values.length / square;
    boolean operator = marginals == PlanMarginals.UNIFORM && a.length == b.length;
    if (operator && a.length > OperatorJudge.EXACT_SIZE) {
      LargeOperators judged =
          new LargeOperators(
              operators,
              history,
              size,
              i ->
                  new LargeOperators.Operator(
                      new ArrayMatrix(one(values, i, square), a.length), more -> {}),
              allowance,
              draws.of(snapshot.id()));
      judged.judge(sums -> true);
      return judged.batch(a.length);
    }
    OperatorBatch batch = new OperatorBatch(size, a.length == b.length ? a.length : 1 << 14);
    for (int i = 0; i < size; i++) {
      double[] p = one(values, i, square);
      if (operator) {
        batch.add(operators.exact(p, a.length).build(), 1, p);
      } else {
        PlanJudge.Judged judged = plans.judge(p, a, b, allowance, draws.of(snapshot.id()));
        batch.add(judged.figures(), judged.passes(), p);
      }
    }
    return batch;
  }

  private static boolean possible(Snapshot snapshot, Rule rule) {
    Shape shape = snapshot.shape();
    return snapshot.dtype().floating()
        && shape.rank() >= 2
        && shape.elements() > 0
        && shape.dimension(-1) > 1
        && shape.dimension(-2) > 1
        && (rule.kind() != Kind.DOUBLY_STOCHASTIC || shape.dimension(-1) == shape.dimension(-2))
        && (rule.shape() == null || rule.shape().equals(shape));
  }

  /** The sum of the first row; NaN when it has a negative value. */
  private static double firstSum(Snapshot snapshot, int columns) throws IOException {
    double[] sum = {0};
    new SnapshotMatrix(snapshot, 0, 1, columns)
        .scanValues((some, count) -> {
          for (int j = 0; j < count; j++) {
            sum[0] += some[j] >= 0 ? some[j] : Double.NaN;
          }
        });
    return sum[0];
  }

  /** Whether all values are non-negative and all sums within 0.1 of what they are meant to be. */
  private static boolean held(double[] values, double[] a, double[] b) {
    double[] columns = new double[b.length];
    for (int at = 0, row = 0; at < values.length; at += b.length, row++) {
      double sum = 0;
      for (int j = 0; j < b.length; j++) {
        if (!(values[at + j] >= 0)) {
          return false;
        }
        sum += values[at + j];
        columns[j] += values[at + j];
      }
      if (!near(sum / a[row % a.length])) {
        return false;
      }
      if (row % a.length == a.length - 1) {
        for (int j = 0; j < b.length; j++) {
          if (!near(columns[j] / b[j])) {
            return false;
          }
        }
        Arrays.fill(columns, 0);
      }
    }
    return true;
  }

  private static boolean near(double ratio) {
    return Math.abs(ratio - 1) <= TensorSurvey.TOLERANCE;
  }

  private static double[] one(double[] values, int i, int square) {
    return values.length == square
        ? values
        : Arrays.copyOfRange(values, i * square, (i + 1) * square);
  }
}

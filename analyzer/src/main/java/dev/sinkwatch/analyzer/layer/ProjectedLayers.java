package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.profile.Derivation;
import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.analyzer.profile.Rule;
import dev.sinkwatch.analyzer.sinkhorn.Construction;
import dev.sinkwatch.analyzer.sinkhorn.Convergence;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Judges tensors of logits by the operators that the model makes of them. Immutable. */
final class ProjectedLayers {

  /** Logits that are held at once, in values: 512 MiB as doubles. */
  private static final long MAX_LOGITS = 1L << 26;

  private final AnalysisSettings settings;
  private final Budget budget;
  private final SecretDraws draws;
  private final Team team;
  private final OperatorJudge operators;

  ProjectedLayers(
      AnalysisSettings settings,
      Budget budget,
      SecretDraws draws,
      Team team,
      OperatorJudge operators) {
    this.settings = settings;
    this.budget = budget;
    this.draws = draws;
    this.team = team;
    this.operators = operators;
  }

  /**
   * @param parts what other tensors contribute; null when there is nothing
   */
  LayerVerdict judge(
      Snapshot snapshot,
      Recognition alone,
      TensorSurvey survey,
      LayerHistory history,
      @Nullable StepParts parts)
      throws IOException {
    if (parts == null || !belong(parts, alone.rule(), snapshot.shape())) {
      return judge(snapshot, alone, survey, history);
    }
    Recognition layer = alone.with(parts, snapshot);
    return parts.tensors().tokens() == null
        ? judge(snapshot, layer, survey, history)
        : drawn(snapshot, layer, survey, history, parts);
  }

  /** Whether the other tensors are those of this rule and fit this one. */
  static boolean belong(StepParts parts, Rule rule, Shape shape) {
    return rule.with() != null
        && parts.tensors().takes(rule.with())
        && (parts.tensors().tokens() == null || IsotropicDraws.fits(rule, shape, parts.weight()));
  }

  private LayerVerdict judge(
      Snapshot snapshot, Recognition layer, TensorSurvey survey, LayerHistory history)
      throws IOException {
    Shape shape = snapshot.shape();
    if (shape.elements() > MAX_LOGITS) {
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE,
          "%d logits are more than the %d that can be projected"
              .formatted(shape.elements(), MAX_LOGITS));
    }
    int n = layer.n();
    if (n > OperatorJudge.EXACT_SIZE) {
      try (Budget.Search search = budget.search(snapshot, n, n, bytes(shape, layer))) {
        return large(snapshot, layer, survey, history, search);
      }
    }
    try (WorkingMemory.Reservation _ = budget.reserve(snapshot, bytes(shape, layer))) {
      return small(snapshot, layer, survey, history);
    }
  }

  private LayerVerdict drawn(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      StepParts parts)
      throws IOException {
    int n = layer.n();
    long bytes = IsotropicDraws.bytes(layer.rule().derivation().coefficients(n), n);
    try (WorkingMemory.Reservation _ = budget.reserve(snapshot, bytes)) {
      LogitsPart.Logits logits =
          IsotropicDraws.draw(
              logits(snapshot, layer),
              layer.rule(),
              snapshot.shape(),
              parts,
              draws.ofLayer(snapshot.id()));
      int travelling = OperatorBatch.travellingOfDrawn(logits.batch(), n);
      return small(snapshot, layer, survey, history, logits, travelling);
    }
  }

  /** What the logits, their operators and all figures take at most. */
  private static long bytes(Shape shape, Recognition layer) {
    long square = (long) layer.n() * layer.n();
    Derivation derivation = layer.rule().derivation();
    int batch = derivation.batch(shape, layer.n());
    long matrices = 1; // the operator
    matrices += 1; // the part of the tensor that has the logits, or one of a batch
    matrices += linear(derivation.construction()) ? 0 : 1; // weights that change in place
    return Footprint.ofDoubles(shape.elements() + matrices * square + OperatorBatch.HELD * batch)
        + Footprint.ofFigures(batch)
        + OperatorBatch.again(batch, layer.n());
  }

  /** Whether nothing but the scalings and the exponentials of the logits is held. */
  private static boolean linear(Construction construction) {
    return construction instanceof Projection projection
        && switch (projection.method()) {
          case SOFTMAX_EPS, LOG, COLUMNS_FIRST -> true;
          case SIGMOID_EPS, EXP_CLAMP, COLUMN_SOFTMAX_CLAMP -> false;
        };
  }

  private LayerVerdict small(
      Snapshot snapshot, Recognition layer, TensorSurvey survey, LayerHistory history)
      throws IOException {
    MixerFigures found = arriving(snapshot, layer);
    if (found != null) {
      history.forgetLogits();
      FrozenOperators.Source again = () -> operators(logits(snapshot, layer), layer);
      return Conclusion.small(snapshot, layer, survey, history, found, again, operators);
    }
    LogitsPart.Logits logits = logits(snapshot, layer);
    int travelling = OperatorBatch.travels(logits.batch(), logits.n()) ? logits.batch() : 0;
    LayerVerdict verdict = small(snapshot, layer, survey, history, logits, travelling);
    DecayedLogits decayed = history.decayed(snapshot, logits);
    return decayed == null
        ? verdict
        : verdict
            .with(Figure.SIGMA2_FROM_DECAY, sigma2(decayed.logits(), layer))
            .with(Figure.DECAY_FACTOR, decayed.factor());
  }

  /**
   * Of many small operators that are judged while their logits are read: those of a tensor that has
   * nothing else, and of which nobody asks how it decays.
   *
   * @return null when all logits are to be there first
   */
  private @Nullable MixerFigures arriving(Snapshot snapshot, Recognition layer) throws IOException {
    Derivation derivation = layer.rule().derivation();
    int n = layer.n();
    int batch = derivation.batch(snapshot.shape(), n);
    return derivation.logits().everything() && DecayedLogits.rate(snapshot) == null
        ? SmallMixers.projected(
            snapshot, n, batch, derivation, settings.tolerance(), OperatorBatch.travels(batch, n))
        : null;
  }

  /** The largest sigma2 of the operators that the model would make of those logits. */
  private double sigma2(LogitsPart.Logits logits, Recognition layer) {
    int n = logits.n();
    MixerFigures found =
        SmallMixers.projected(logits, layer.rule().derivation(), settings.tolerance(), false);
    if (found != null) {
      return found.figures().get(Figure.SIGMA2);
    }
    double largest = 0;
    for (int b = 0; b < logits.batch(); b++) {
      Projected projected =
          layer.rule().derivation().operator(one(logits, b), n, settings.tolerance(), Team.alone());
      largest = Math.max(largest, Jacobi.singularValues(projected.matrix(), n, n)[1]);
    }
    return largest;
  }

  private LayerVerdict small(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      LogitsPart.Logits logits,
      int travelling)
      throws IOException {
    int n = logits.n();
    FrozenOperators.Source again = () -> operators(logits, layer);
    MixerFigures found =
        SmallMixers.projected(
            logits, layer.rule().derivation(), settings.tolerance(), travelling > 0);
    if (found != null) {
      return Conclusion.small(
          snapshot, layer, survey, history, found.first(travelling, n), again, operators);
    }
    OperatorBatch batch = new OperatorBatch(logits.batch(), n, travelling);
    for (int b = 0; b < batch.size(); b++) {
      Projected projected =
          layer.rule().derivation().operator(one(logits, b), n, settings.tolerance(), Team.alone());
      Figures.Builder figures = operators.exact(projected.matrix(), n);
      add(projected, figures);
      batch.add(figures.build(), 1, projected.matrix());
    }
    return Conclusion.operators(snapshot, layer, survey, history, batch, again);
  }

  /** All operators that the model makes of those logits. */
  private double[] operators(LogitsPart.Logits logits, Recognition layer) {
    int n = logits.n();
    MixerFigures found =
        SmallMixers.projected(logits, layer.rule().derivation(), settings.tolerance(), true);
    if (found != null && found.operators() != null) {
      return found.operators();
    }
    double[] all = new double[logits.batch() * n * n];
    for (int b = 0; b < logits.batch(); b++) {
      Projected projected =
          layer.rule().derivation().operator(one(logits, b), n, settings.tolerance(), team);
      System.arraycopy(projected.matrix(), 0, all, b * n * n, n * n);
    }
    return all;
  }

  private LayerVerdict large(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      Budget.Search search)
      throws IOException {
    LogitsPart.Logits logits = logits(snapshot, layer);
    int n = logits.n();
    LargeOperators judged =
        new LargeOperators(
            operators,
            history,
            logits.batch(),
            b -> {
              Projected projected =
                  layer.rule().derivation().operator(one(logits, b), n, settings.tolerance(), team);
              return new LargeOperators.Operator(
                  new ArrayMatrix(projected.matrix(), n), figures -> add(projected, figures));
            },
            search.allowance(),
            draws.of(snapshot.id()));
    judged.judge(sums -> true);
    return Conclusion.operators(
        snapshot, layer, survey, history, judged.batch(n), () -> operators(logits, layer));
  }

  private static LogitsPart.Logits logits(Snapshot snapshot, Recognition layer) throws IOException {
    Shape shape = snapshot.shape();
    double[] tensor = new double[Math.toIntExact(shape.elements())];
    int[] filled = {0};
    SnapshotMatrix.of(snapshot, Math.toIntExact(shape.columns()))
        .scanValues((values, count) -> {
          System.arraycopy(values, 0, tensor, filled[0], count);
          filled[0] += count;
        });
    Derivation derivation = layer.rule().derivation();
    return derivation.logits().of(tensor, shape, derivation.construction());
  }

  private static double[] one(LogitsPart.Logits logits, int b) {
    int each = logits.values().length / logits.batch();
    return logits.batch() == 1
        ? logits.values()
        : Arrays.copyOfRange(logits.values(), b * each, (b + 1) * each);
  }

  private static void add(Projected projected, Figures.Builder figures) {
    Convergence convergence = projected.convergence();
    if (!convergence.equals(Convergence.NONE)) {
      figures
          .set(Figure.ITERATIONS_TO_TOLERANCE, convergence.iterationsToTolerance())
          .set(Figure.CONTRACTION_RATE, convergence.contractionRate());
    }
    figures.set(Figure.SATURATION, projected.saturation());
  }
}

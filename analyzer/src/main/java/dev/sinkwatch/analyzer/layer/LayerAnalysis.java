package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.spectrum.MatrixSpectrum;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * Judges snapshots: recognises what a layer is, derives its operators, computes every figure. The
 * same snapshot and the same secret give the same bits. Immutable; safe for use by several threads,
 * each with its own layers' histories.
 */
public final class LayerAnalysis {

  /** Logits that are held at once, in values: 512 MiB as doubles. */
  private static final long MAX_LOGITS = 1L << 26;

  private final AnalysisSettings settings;
  private final Profiles.Lookup lookup;
  private final SecretDraws draws;
  private final Team team;
  private final OperatorJudge operators;
  private final LargeLayers large;

  /** With all of this machine. */
  public LayerAnalysis(AnalysisSettings settings, byte[] secret) {
    this(settings, secret, AnalysisResources.ofMachine());
  }

  /**
   * @param secret what the random draws of the bounds follow from, unknown to whoever publishes
   * @throws IllegalArgumentException when there is no such profile
   */
  public LayerAnalysis(AnalysisSettings settings, byte[] secret, AnalysisResources resources) {
    this.settings = settings;
    this.lookup =
        Profiles.named(settings.profile())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no profile %s; choose one of %s"
                        .formatted(settings.profile(), String.join(", ", Profiles.names()))));
    this.draws = new SecretDraws(secret);
    this.team = new Team(resources.threads());
    this.operators =
        new OperatorJudge(
            settings.eps(),
            new OperatorSpectrum(
                settings.failureProbability(),
                team,
                new CertifiedMatrices(resources.certifiedBytes())));
    DenseJudge matrices = new DenseJudge(new MatrixSpectrum(settings.failureProbability(), team));
    this.large = new LargeLayers(settings, resources, lookup, draws, operators, matrices);
  }

  /**
   * Judges one snapshot of a layer.
   *
   * @param history what the same layer left behind
   * @return a verdict; of kind {@code ignore} when the layer is not analysed
   * @throws RejectedException when the layer's kind does not fit its shape or type
   * @throws IOException when the values can no longer be read
   */
  public LayerVerdict judge(Snapshot snapshot, LayerHistory history) throws IOException {
    history.attempt(snapshot.id().attempt());
    Shape shape = snapshot.shape();
    Kind expected = Recognition.expected(snapshot, history, lookup);
    if (expected == Kind.DOUBLY_STOCHASTIC && LargeLayers.operators(shape)) {
      return large.operators(snapshot, history);
    }
    if (expected == Kind.DENSE && LargeLayers.dense(shape)) {
      return large.dense(snapshot, history);
    }
    TensorSurvey survey = TensorSurvey.of(snapshot);
    Recognition layer = Recognition.of(snapshot, survey, history, lookup);
    if (layer.kind() == Kind.IGNORE || survey.nonFinite() > 0) {
      int batch =
          layer.n() == 0 || layer.kind() != Kind.DOUBLY_STOCHASTIC
              ? 0
              : OperatorBatch.size(snapshot, layer.n());
      return Conclusion.verdict(snapshot, layer, survey, batch, 1, Figures.NONE, null, null);
    }
    RandomGenerator random = draws.of(snapshot.id());
    return switch (layer.kind()) {
      case DOUBLY_STOCHASTIC -> published(snapshot, layer, survey, history);
      case SINKHORN_LOGITS -> projected(snapshot, layer, survey, history, random);
      case DENSE ->
          LargeLayers.dense(shape)
              ? large.dense(snapshot, history)
              : dense(snapshot, layer, survey);
      case TRANSPORT_PLAN, IGNORE -> throw new IllegalStateException("decided before");
    };
  }

  private LayerVerdict dense(Snapshot snapshot, Recognition layer, TensorSurvey survey)
      throws IOException {
    Shape shape = snapshot.shape();
    if (shape.elements() == 0) {
      return Conclusion.verdict(snapshot, layer, survey, 0, 1, Figures.NONE, null, null);
    }
    DenseJudge.Judged judged =
        DenseJudge.judge(SnapshotMatrix.of(snapshot, LargeLayers.width(shape)), survey.frobenius());
    return Conclusion.verdict(
        snapshot, layer, survey, 0, judged.passes(), judged.figures(), null, null);
  }

  private LayerVerdict published(
      Snapshot snapshot, Recognition layer, TensorSurvey survey, LayerHistory history)
      throws IOException {
    int n = layer.n();
    int size = OperatorBatch.size(snapshot, n);
    if (SmallMixers.take(n, size)) {
      MixerFigures found = SmallMixers.published(snapshot, n, size, OperatorBatch.travels(size, n));
      if (found != null) {
        return small(snapshot, layer, survey, history, found);
      }
    }
    OperatorBatch batch = new OperatorBatch(size, n);
    double[] p = new double[n * n];
    SnapshotMatrix.of(snapshot, n)
        .scan((i, row) -> {
          System.arraycopy(row, 0, p, (int) (i % n) * n, n);
          if (i % n == n - 1) {
            batch.add(operators.exact(p, n).build(), 1, p);
          }
        });
    return Conclusion.operators(snapshot, layer, survey, history, batch);
  }

  private LayerVerdict projected(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      RandomGenerator random)
      throws IOException {
    Shape shape = snapshot.shape();
    if (shape.elements() > MAX_LOGITS) {
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE,
          "%d logits are more than the %d that can be projected"
              .formatted(shape.elements(), MAX_LOGITS));
    }
    int columns = Math.toIntExact(shape.columns());
    double[] tensor = new double[Math.toIntExact(shape.elements())];
    int[] filled = {0};
    SnapshotMatrix.of(snapshot, columns)
        .scanValues((values, count) -> {
          System.arraycopy(values, 0, tensor, filled[0], count);
          filled[0] += count;
        });
    LogitsPart.Logits logits = layer.rule().logits().of(tensor, shape);
    int n = logits.n();
    if (SmallMixers.take(n, logits.batch())) {
      boolean keep = OperatorBatch.travels(logits.batch(), n);
      MixerFigures found = SmallMixers.projected(logits, layer.rule(), settings.tolerance(), keep);
      if (found != null) {
        return small(snapshot, layer, survey, history, found);
      }
    }
    OperatorBatch batch = new OperatorBatch(logits.batch(), n);
    double[] z = new double[n * n];
    for (int b = 0; b < batch.size(); b++) {
      System.arraycopy(logits.values(), b * n * n, z, 0, n * n);
      Team helpers = n > OperatorJudge.EXACT_SIZE ? team : Team.alone();
      Projected projected = layer.rule().operator(z, n, settings.tolerance(), helpers);
      double[] p = projected.matrix();
      Figures.Builder figures;
      int passes = 1;
      if (n > OperatorJudge.EXACT_SIZE) {
        OperatorJudge.JudgedLarge judged =
            operators.judge(
                new ArrayMatrix(p, n),
                history.known(b),
                history.vigilance(b),
                large.allowance(snapshot, n, n),
                random);
        figures = judged.figures();
        passes = judged.passes();
      } else {
        figures = operators.exact(p, n);
      }
      figures
          .set(Figure.ITERATIONS_TO_TOLERANCE, projected.convergence().iterationsToTolerance())
          .set(Figure.CONTRACTION_RATE, projected.convergence().contractionRate())
          .set(Figure.SATURATION, projected.saturation());
      batch.add(figures.build(), passes, n > OperatorJudge.EXACT_SIZE ? null : p);
    }
    return Conclusion.operators(snapshot, layer, survey, history, batch);
  }

  private LayerVerdict small(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      MixerFigures found) {
    double depth = operators.depth(found.figures().get(Figure.DETAIL_GAIN));
    Figures figures = found.figures().with(Figure.EFFECTIVE_DEPTH, depth);
    return Conclusion.operators(
        snapshot, layer, survey, history, 1, figures, found.sigma2(), found.operators());
  }
}

package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
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
 * Judges tensors that are too large to be held in double precision: one pass looks at everything at
 * once, so a layer's kind is guessed before and confirmed after it. Immutable.
 */
final class LargeLayers {

  /** Values of the longest row that can be packed. */
  private static final int MAX_COLUMNS = 1 << 25;

  private final AnalysisSettings settings;
  private final AnalysisResources resources;
  private final Profiles.Lookup lookup;
  private final SecretDraws draws;
  private final OperatorJudge operators;
  private final DenseJudge matrices;

  LargeLayers(
      AnalysisSettings settings,
      AnalysisResources resources,
      Profiles.Lookup lookup,
      SecretDraws draws,
      OperatorJudge operators,
      DenseJudge matrices) {
    this.settings = settings;
    this.resources = resources;
    this.lookup = lookup;
    this.draws = draws;
    this.operators = operators;
    this.matrices = matrices;
  }

  /** Whether a tensor of that shape holds operators that are too large to be exact. */
  static boolean operators(Shape shape) {
    return shape.rank() >= 2
        && shape.dimension(-1) == shape.dimension(-2)
        && shape.dimension(-1) > OperatorJudge.EXACT_SIZE
        && shape.elements() > 0;
  }

  /** The same of an ordinary matrix. */
  static boolean dense(Shape shape) {
    return shape.rank() >= 2
        && shape.elements() > 0
        && DenseJudge.large(shape.dimension(0), shape.elements() / shape.dimension(0));
  }

  /** Looks at everything in the first pass, and falls back when it is not what it seemed to be. */
  LayerVerdict operators(Snapshot snapshot, LayerHistory history) throws IOException {
    int n = Math.toIntExact(snapshot.shape().columns());
    RandomGenerator random = draws.of(snapshot.id());
    OperatorBatch batch = new OperatorBatch(OperatorBatch.size(snapshot, n), n);
    SurveySum sum = new SurveySum();
    for (int b = 0; b < batch.size(); b++) {
      OperatorJudge.JudgedLarge judged =
          operators.judge(
              new SnapshotMatrix(snapshot, (long) b * n, n, n),
              history.known(b),
              history.vigilance(b),
              allowance(snapshot, n, n),
              random);
      sum.add(judged.survey());
      batch.add(judged.figures().build(), judged.passes(), null);
    }
    TensorSurvey survey = sum.survey();
    Recognition layer = Recognition.of(snapshot, survey, history, lookup);
    if (layer.kind() != Kind.DOUBLY_STOCHASTIC) {
      return dense(snapshot, history);
    }
    return survey.nonFinite() > 0
        ? Conclusion.verdict(snapshot, layer, survey, batch.size(), 1, Figures.NONE, null, null)
        : Conclusion.operators(snapshot, layer, survey, history, batch);
  }

  LayerVerdict dense(Snapshot snapshot, LayerHistory history) throws IOException {
    Shape shape = snapshot.shape();
    int columns = width(shape);
    OperatorSpectrum.Allowance allowance = allowance(snapshot, shape.dimension(0), columns);
    DenseJudge.JudgedLarge judged =
        matrices.judge(
            SnapshotMatrix.of(snapshot, columns),
            allowance.passes(),
            allowance.keep(),
            draws.of(snapshot.id()));
    Recognition layer = Recognition.of(snapshot, judged.survey(), history, lookup);
    return Conclusion.verdict(
        snapshot, layer, judged.survey(), 0, judged.passes(), judged.figures(), null, null);
  }

  /** What one look at a matrix of that size may cost. */
  OperatorSpectrum.Allowance allowance(Snapshot snapshot, long rows, int columns) {
    long bytes = snapshot.shape().elements() * snapshot.dtype().bytes();
    boolean once = bytes > resources.maxBufferBytes();
    int passes = once ? 1 : settings.maxPasses() == 0 ? Integer.MAX_VALUE : settings.maxPasses();
    boolean keep = passes > 1 && PanelMatrix.bytes(rows, columns) <= resources.panelBytes();
    return new OperatorSpectrum.Allowance(passes, keep);
  }

  /** Values of a row of the matrix that a dense tensor is seen as. */
  static int width(Shape shape) throws RejectedException {
    long columns = shape.elements() / shape.dimension(0);
    if (columns > MAX_COLUMNS) {
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE, "a row of " + columns + " values is longer than can be held");
    }
    return (int) columns;
  }
}

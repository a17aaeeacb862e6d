package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.profile.SitePart;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.spectrum.MatrixSpectrum;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotHead;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Judges snapshots: recognises what a layer is, derives its operators, computes every figure. The
 * same snapshot and the same secret give the same bits. Immutable; safe for use by several threads,
 * each with its own layers' histories.
 */
public final class LayerAnalysis {

  /** A lane forgets the layers beyond this many that it has not heard of for longest. */
  private static final int LAYERS_PER_LANE = 20_000;

  private final Profiles.Lookup profiles;
  private final OperatorJudge operators;
  private final LargeLayers large;
  private final MarginalLayers marginal;
  private final ProjectedLayers projected;
  private final StreamedLayers streamed;
  private final SiteContributions sites;
  private final AnalysisResources resources;
  private final Budget budget;

  /** With all of this machine. */
  public LayerAnalysis(AnalysisSettings settings, byte[] secret) {
    this(settings, secret, AnalysisResources.ofMachine());
  }

  /**
   * @param secret what the random draws of the bounds follow from, unknown to whoever publishes
   */
  public LayerAnalysis(AnalysisSettings settings, byte[] secret, AnalysisResources resources) {
    this.profiles = settings.profiles();
    SecretDraws draws = new SecretDraws(secret);
    Team team = new Team(resources.threads());
    this.resources = resources;
    this.budget = new Budget(settings, resources);
    this.sites = new SiteContributions(profiles, budget);
    this.operators =
        new OperatorJudge(
            settings.eps(), new OperatorSpectrum(settings.failureProbability(), team));
    MatrixSpectrum matrices = new MatrixSpectrum(settings.failureProbability(), team);
    DenseJudge dense = new DenseJudge(matrices);
    this.large = new LargeLayers(budget, draws, team, operators, dense);
    this.marginal = new MarginalLayers(budget, draws, operators, matrices);
    this.streamed = new StreamedLayers(budget, profiles, draws, operators, dense);
    this.projected = new ProjectedLayers(settings, budget, draws, team, operators);
  }

  /** Histories for one more lane of layers. */
  public LayerHistories histories() {
    return new LayerHistories(
        LAYERS_PER_LANE,
        new CertifiedMatrices(resources.certifiedBytes()),
        new KeptRoom(resources.frozenBytes()));
  }

  /**
   * Judges one snapshot of a layer.
   *
   * @param history what the same layer left behind
   * @return a verdict; of kind {@code ignore} when the layer is not analysed
   * @throws RejectedException when the layer's kind does not fit its shape or type, or when it
   *     takes more memory than there is
   * @throws IOException when the values can no longer be read
   */
  public LayerVerdict judge(Snapshot snapshot, LayerHistory history) throws IOException {
    return judge(snapshot, history, new SiteParts());
  }

  /**
   * Judges one snapshot of a layer whose operators may be made of other tensors as well.
   *
   * @param history as above
   * @param parts what other tensors contribute; if not all have come, the layer's own is judged
   * @throws RejectedException as above
   * @throws IOException as above
   */
  public LayerVerdict judge(Snapshot snapshot, LayerHistory history, SiteParts parts)
      throws IOException {
    history.begin(snapshot);
    LayerVerdict verdict = look(snapshot, history, parts.of(snapshot.id()));
    if (verdict.kind() == Kind.SINKHORN_LOGITS) {
      verdict = verdict.without(missing(snapshot, parts));
    }
    parts.judged(snapshot.id());
    watch(verdict, history);
    return verdict;
  }

  /** The layer that is told of what a tensor of that name contributes to; else itself. */
  public String speaker(String layer) {
    return profiles.part(layer).map(SitePart::speaker).orElse(layer);
  }

  /**
   * Takes from a tensor what it contributes to another layer's operators.
   *
   * @return whether it is such a tensor
   * @throws RejectedException when that takes more memory than there is, as {@link #passBy} says
   * @throws IOException when the values can no longer be read
   */
  public boolean contribute(Snapshot snapshot, SiteParts parts) throws IOException {
    return sites.take(snapshot, parts);
  }

  /**
   * Takes note of a tensor that is never in memory as a whole: it contributes nothing.
   *
   * @return whether it is one that would
   */
  public boolean passBy(SnapshotHead head, SiteParts parts) {
    return sites.passBy(head, parts);
  }

  /**
   * Tensors of its site that a layer is judged without, which would tell how its operators depend
   * on the token. A share of the identity is no such thing: most models do not have one.
   *
   * @param parts what has come of them
   */
  public List<MissingPart> missing(SnapshotHead head, SiteParts parts) {
    return sites.missing(head, parts);
  }

  /** Whether other tensors may contribute to the operators of a layer. */
  public boolean several(SnapshotHead head) {
    return sites.rule(head).isPresent();
  }

  /**
   * Bytes that a snapshot takes which is judged in one pass as its rows come, from its first rows
   * to its verdict, without what each block of rows leaves; empty when the layer is not analysed.
   *
   * @throws RejectedException when it cannot be judged so
   */
  public OptionalLong streamedBytes(SnapshotHead head) throws RejectedException {
    return streamed.bytes(head);
  }

  /**
   * Begins to judge a snapshot in one pass, as its rows come. Its figures are those of one pass
   * over the whole but for rounding, which depends on where its rows were cut and not on their
   * order.
   *
   * @param history what the same layer left behind
   * @throws RejectedException when it cannot be judged so
   */
  public StreamedLayer streamed(SnapshotHead head, LayerHistory history) throws RejectedException {
    return streamed.begin(head, history);
  }

  /** Tells the layer's watch what was judged. */
  static void watch(LayerVerdict verdict, LayerHistory history) {
    if (verdict.kind() != Kind.IGNORE) {
      Figures figures = verdict.figures();
      history
          .vigilance()
          .judged(figures.get(Figure.DETAIL_GAIN_UPPER), figures.get(Figure.DETAIL_GAIN));
    }
  }

  /**
   * Tells what a tensor is taken for when nothing is known of its layer but this.
   *
   * @throws IOException when the values can no longer be read
   */
  public Explanation explain(Snapshot snapshot) throws IOException {
    return Explanation.of(snapshot, profiles, marginal);
  }

  /**
   * Whether a tensor may be an operator or part of one, told by its name and its first row: what is
   * none by them is none by all of its values.
   *
   * @throws IOException when the values can no longer be read
   */
  public boolean mayBeOperator(Snapshot snapshot) throws IOException {
    Optional<Profile.Match> found = profiles.match(snapshot.id().layer(), snapshot.shape());
    Optional<Profile.Match> candidate = MarginalLayers.candidate(snapshot, found);
    if (profiles.part(snapshot.id().layer()).isPresent()) {
      return true;
    }
    return (candidate.isPresent() && MarginalLayers.begins(snapshot, candidate.get()))
        || Recognition.expected(
                snapshot,
                LayerHistory.ofOneSnapshot(),
                found.filter(match -> !match.rule().byValues()))
            .operator();
  }

  private LayerVerdict look(Snapshot snapshot, LayerHistory history, @Nullable StepParts parts)
      throws IOException {
    Shape shape = snapshot.shape();
    Optional<Profile.Match> found = profiles.match(snapshot.id().layer(), shape);
    Optional<Profile.Match> candidate = MarginalLayers.candidate(snapshot, found);
    if (candidate.isPresent()) {
      LayerVerdict verdict = marginal.judge(snapshot, candidate.get(), history);
      if (verdict != null) {
        return verdict;
      }
    }
    Optional<Profile.Match> match = found.filter(ruled -> !ruled.rule().byValues());
    Kind expected = Recognition.expected(snapshot, history, match);
    if (expected == Kind.DOUBLY_STOCHASTIC && LargeLayers.operators(shape)) {
      return large.operators(snapshot, history, match);
    }
    if (expected == Kind.DENSE && LargeLayers.dense(shape)) {
      return large.dense(snapshot, history, match);
    }
    // whose publisher says that it is nothing need not be read
    TensorSurvey survey =
        expected == Kind.IGNORE
            ? TensorSurvey.NOTHING
            : TensorSurvey.of(snapshot, !Recognition.certain(snapshot, history));
    Recognition layer = Recognition.of(snapshot, survey, history, match);
    if (layer.kind() == Kind.IGNORE || survey.nonFinite() > 0) {
      int batch =
          layer.n() == 0 || layer.kind() != Kind.DOUBLY_STOCHASTIC
              ? 0
              : OperatorBatch.size(snapshot, layer.n());
      return Conclusion.verdict(snapshot, layer, survey, batch, 1, Figures.NONE);
    }
    return switch (layer.kind()) {
      case DOUBLY_STOCHASTIC -> published(snapshot, layer, survey, history);
      case SINKHORN_LOGITS -> projected.judge(snapshot, layer, survey, history, parts);
      case DENSE ->
          LargeLayers.dense(shape)
              ? large.dense(snapshot, history, match)
              : dense(snapshot, layer, survey);
      case TRANSPORT_PLAN, IGNORE -> throw new IllegalStateException("decided before");
    };
  }

  private LayerVerdict dense(Snapshot snapshot, Recognition layer, TensorSurvey survey)
      throws IOException {
    Shape shape = snapshot.shape();
    if (shape.elements() == 0) {
      return Conclusion.verdict(snapshot, layer, survey, 0, 1, Figures.NONE);
    }
    int columns = LargeLayers.width(shape);
    long bytes = DenseJudge.bytes(shape.dimension(0), columns);
    try (WorkingMemory.Reservation _ = budget.reserve(snapshot, bytes)) {
      DenseJudge.Judged judged =
          DenseJudge.judge(SnapshotMatrix.of(snapshot, columns), survey.frobenius());
      return Conclusion.verdict(snapshot, layer, survey, 0, judged.passes(), judged.figures());
    }
  }

  private LayerVerdict published(
      Snapshot snapshot, Recognition layer, TensorSurvey survey, LayerHistory history)
      throws IOException {
    int n = layer.n();
    int size = OperatorBatch.size(snapshot, n);
    if (SmallMixers.take(n, size)) {
      try (WorkingMemory.Reservation _ =
          budget.reserve(
              snapshot,
              Footprint.ofDoubles(OperatorBatch.HELD * size) + OperatorBatch.again(size, n))) {
        boolean keep = OperatorBatch.travels(size, n);
        MixerFigures found = SmallMixers.published(snapshot, n, size, keep);
        if (found != null) {
          return Conclusion.small(
              snapshot, layer, survey, history, found, SnapshotMatrix.values(snapshot), operators);
        }
      }
    }
    try (WorkingMemory.Reservation _ =
        budget.reserve(snapshot, Footprint.ofFigures(size) + OperatorBatch.again(size, n))) {
      OperatorBatch batch = new OperatorBatch(size, n);
      double[] p = new double[n * n];
      SnapshotMatrix.of(snapshot, n)
          .scan((i, row) -> {
            System.arraycopy(row, 0, p, (int) (i % n) * n, n);
            if (i % n == n - 1) {
              batch.add(operators.exact(p, n).build(), 1, p);
            }
          });
      return Conclusion.operators(
          snapshot, layer, survey, history, batch, SnapshotMatrix.values(snapshot));
    }
  }
}

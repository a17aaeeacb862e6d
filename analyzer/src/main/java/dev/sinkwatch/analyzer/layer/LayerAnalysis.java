package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.spectrum.MatrixSpectrum;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Judges snapshots: recognises what a layer is, derives its operators, computes every figure. The
 * same snapshot and the same secret give the same bits. Immutable; safe for use by several threads,
 * each with its own layers' histories.
 */
public final class LayerAnalysis {

  /** Logits that are held at once, in values: 512 MiB as doubles. */
  private static final long MAX_LOGITS = 1L << 26;

  /** Values of the longest row that can be packed. */
  private static final int MAX_COLUMNS = 1 << 25;

  /** Operators of a verdict travel with it up to this size, in bytes. */
  private static final int MAX_MATRIX_BYTES = 64 << 10;

  private final AnalysisSettings settings;
  private final Profiles.Lookup lookup;
  private final byte[] secret;
  private final AnalysisResources resources;
  private final Team team;
  private final OperatorJudge operators;
  private final DenseJudge dense;

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
    this.secret = secret.clone();
    this.resources = resources;
    this.team = new Team(resources.threads());
    this.operators =
        new OperatorJudge(
            settings.eps(),
            new OperatorSpectrum(
                settings.failureProbability(),
                team,
                new CertifiedMatrices(resources.certifiedBytes())));
    this.dense = new DenseJudge(new MatrixSpectrum(settings.failureProbability(), team));
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
    if (expected == Kind.DOUBLY_STOCHASTIC && largeOperators(shape)) {
      return largePublished(snapshot, history);
    }
    if (expected == Kind.DENSE && largeDense(shape)) {
      return largeDense(snapshot, history);
    }
    TensorSurvey survey = TensorSurvey.of(snapshot);
    Recognition layer = Recognition.of(snapshot, survey, history, lookup);
    if (layer.kind() == Kind.IGNORE || survey.nonFinite() > 0) {
      int batch =
          layer.n() == 0 || layer.kind() != Kind.DOUBLY_STOCHASTIC ? 0 : batch(snapshot, layer.n());
      return verdict(snapshot, layer, survey, batch, 1, Figures.NONE, null, null);
    }
    RandomGenerator random = random(snapshot.id());
    return switch (layer.kind()) {
      case DOUBLY_STOCHASTIC -> published(snapshot, layer, survey, history);
      case SINKHORN_LOGITS -> projected(snapshot, layer, survey, history, random);
      case DENSE -> dense(snapshot, layer, survey);
      case TRANSPORT_PLAN, IGNORE -> throw new IllegalStateException("decided before");
    };
  }

  private static boolean largeOperators(Shape shape) {
    return shape.rank() >= 2
        && shape.dimension(-1) == shape.dimension(-2)
        && shape.dimension(-1) > OperatorJudge.EXACT_SIZE
        && shape.elements() > 0;
  }

  private static boolean largeDense(Shape shape) {
    return shape.rank() >= 2
        && shape.elements() > 0
        && DenseJudge.large(shape.dimension(0), shape.elements() / shape.dimension(0));
  }

  /** Looks at everything in the first pass, and falls back when it is not what it seemed to be. */
  private LayerVerdict largePublished(Snapshot snapshot, LayerHistory history) throws IOException {
    int n = Math.toIntExact(snapshot.shape().columns());
    RandomGenerator random = random(snapshot.id());
    Batch batch = new Batch(batch(snapshot, n), n);
    SurveySum sum = new SurveySum();
    for (int b = 0; b < batch.size; b++) {
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
      return largeDense(snapshot, history);
    }
    return survey.nonFinite() > 0
        ? verdict(snapshot, layer, survey, batch.size, 1, Figures.NONE, null, null)
        : finish(snapshot, layer, survey, history, batch);
  }

  private LayerVerdict largeDense(Snapshot snapshot, LayerHistory history) throws IOException {
    Shape shape = snapshot.shape();
    int columns = width(shape);
    OperatorSpectrum.Allowance allowance = allowance(snapshot, shape.dimension(0), columns);
    DenseJudge.JudgedLarge judged =
        dense.judge(
            SnapshotMatrix.of(snapshot, columns),
            allowance.passes(),
            allowance.keep(),
            random(snapshot.id()));
    Recognition layer = Recognition.of(snapshot, judged.survey(), history, lookup);
    return verdict(
        snapshot, layer, judged.survey(), 0, judged.passes(), judged.figures(), null, null);
  }

  /** What one look at a matrix of that size may cost. */
  private OperatorSpectrum.Allowance allowance(Snapshot snapshot, long rows, int columns) {
    long bytes = snapshot.shape().elements() * snapshot.dtype().bytes();
    boolean once = bytes > resources.maxBufferBytes();
    int passes = once ? 1 : settings.maxPasses() == 0 ? Integer.MAX_VALUE : settings.maxPasses();
    boolean keep = passes > 1 && PanelMatrix.bytes(rows, columns) <= resources.panelBytes();
    return new OperatorSpectrum.Allowance(passes, keep);
  }

  /** Values of a row of the matrix that a dense tensor is seen as. */
  private static int width(Shape shape) throws RejectedException {
    long columns = shape.elements() / shape.dimension(0);
    if (columns > MAX_COLUMNS) {
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE, "a row of " + columns + " values is longer than can be held");
    }
    return (int) columns;
  }

  private LayerVerdict dense(Snapshot snapshot, Recognition layer, TensorSurvey survey)
      throws IOException {
    Shape shape = snapshot.shape();
    if (shape.elements() == 0) {
      return verdict(snapshot, layer, survey, 0, 1, Figures.NONE, null, null);
    }
    DenseJudge.Judged judged =
        DenseJudge.judge(SnapshotMatrix.of(snapshot, width(shape)), survey.frobenius());
    return verdict(snapshot, layer, survey, 0, judged.passes(), judged.figures(), null, null);
  }

  private LayerVerdict published(
      Snapshot snapshot, Recognition layer, TensorSurvey survey, LayerHistory history)
      throws IOException {
    int n = layer.n();
    int size = batch(snapshot, n);
    if (SmallMixers.take(n, size)) {
      MixerFigures found = SmallMixers.published(snapshot, n, size, travels(size, n));
      if (found != null) {
        return finish(snapshot, layer, survey, history, found);
      }
    }
    Batch batch = new Batch(size, n);
    double[] p = new double[n * n];
    SnapshotMatrix.of(snapshot, n)
        .scan((i, row) -> {
          System.arraycopy(row, 0, p, (int) (i % n) * n, n);
          if (i % n == n - 1) {
            batch.add(operators.exact(p, n).build(), 1, p);
          }
        });
    return finish(snapshot, layer, survey, history, batch);
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
    SnapshotMatrix.of(snapshot, columns)
        .scan((i, row) -> System.arraycopy(row, 0, tensor, (int) i * columns, columns));
    LogitsPart.Logits logits = layer.rule().logits().of(tensor, shape);
    int n = logits.n();
    if (SmallMixers.take(n, logits.batch())) {
      boolean keep = travels(logits.batch(), n);
      MixerFigures found = SmallMixers.projected(logits, layer.rule(), settings.tolerance(), keep);
      if (found != null) {
        return finish(snapshot, layer, survey, history, found);
      }
    }
    Batch batch = new Batch(logits.batch(), n);
    double[] z = new double[n * n];
    for (int b = 0; b < batch.size; b++) {
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
                allowance(snapshot, n, n),
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
    return finish(snapshot, layer, survey, history, batch);
  }

  private LayerVerdict finish(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      Batch batch) {
    double[] sigma2 = batch.figures.stream().mapToDouble(f -> f.get(Figure.SIGMA2)).toArray();
    Figures liveliest = Figures.liveliest(batch.figures);
    return finish(snapshot, layer, survey, history, batch.passes, liveliest, sigma2, batch.matrix);
  }

  private LayerVerdict finish(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      MixerFigures found) {
    double depth = operators.depth(found.figures().get(Figure.DETAIL_GAIN));
    Figures figures = found.figures().with(Figure.EFFECTIVE_DEPTH, depth);
    return finish(snapshot, layer, survey, history, 1, figures, found.sigma2(), found.operators());
  }

  private static LayerVerdict finish(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      int passes,
      Figures liveliest,
      double[] sigma2,
      double @Nullable [] matrix) {
    Figures figures = liveliest;
    if (matrix != null) {
      double movement =
          history.movement(matrix, layer.n(), figures.get(Figure.PERMUTATION_DISTANCE));
      if (!Double.isNaN(movement)) {
        figures = figures.with(Figure.MOVEMENT, movement);
      }
    }
    BatchSpread spread = sigma2.length == 1 ? null : BatchSpread.of(sigma2);
    return verdict(snapshot, layer, survey, sigma2.length, passes, figures, spread, matrix);
  }

  private static LayerVerdict verdict(
      Snapshot snapshot,
      Recognition layer,
      TensorSurvey survey,
      int batch,
      int passes,
      Figures figures,
      @Nullable BatchSpread spread,
      double @Nullable [] matrix) {
    return new LayerVerdict(
        snapshot.id(),
        layer.kind(),
        layer.observability(),
        layer.profile(),
        snapshot.shape(),
        layer.n(),
        batch,
        passes,
        survey.nonFinite(),
        figures,
        spread,
        layer.order(),
        matrix,
        snapshot.hints().operators(),
        snapshot.hints().activation(),
        List.of(),
        snapshot.appendedMillis());
  }

  /** Whether a verdict on so many operators carries them. */
  private static boolean travels(int size, int n) {
    return n <= OperatorJudge.EXACT_SIZE && 8L * size * n * n <= MAX_MATRIX_BYTES;
  }

  private static int batch(Snapshot snapshot, int n) {
    return Math.toIntExact(snapshot.shape().elements() / n / n);
  }

  private RandomGenerator random(SnapshotId id) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      String name = id.run() + '\n' + id.attempt() + '\n' + id.step() + '\n' + id.layer();
      byte[] seed = mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
      return RandomGeneratorFactory.of("L128X256MixRandom").create(seed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  /** The operators of one snapshot as they are judged. */
  private static final class Batch {
    private final int size;
    private final int n;
    private final List<Figures> figures = new ArrayList<>();
    private final double @Nullable [] matrix;
    private int passes;

    Batch(int size, int n) {
      this.size = size;
      this.n = n;
      this.matrix = travels(size, n) ? new double[size * n * n] : null;
    }

    void add(Figures judged, int itsPasses, double @Nullable [] p) {
      if (matrix != null && p != null) {
        System.arraycopy(p, 0, matrix, figures.size() * n * n, n * n);
      }
      figures.add(judged);
      passes = Math.max(passes, itsPasses);
    }
  }
}

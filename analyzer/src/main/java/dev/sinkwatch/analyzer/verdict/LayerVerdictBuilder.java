package dev.sinkwatch.analyzer.verdict;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects what {@link LayerVerdict} has, by name. What is not said is as of an ordinary weight
 * that nobody said anything of: exact, of no family, read once. For one thread.
 */
public final class LayerVerdictBuilder {
  private SnapshotId id;
  private final Kind kind;
  private Observability observability = Observability.EXACT;
  private String profile = "generic";
  private boolean projectionAssumed;
  private final Shape shape;
  private int n;
  private int batch;
  private List<Integer> order = List.of();
  private int passes = 1;
  private long nonFinite;
  private Figures figures = Figures.NONE;
  private @Nullable BatchSpread sigma2Batch;
  private @Nullable BatchSpread residualBatch;
  private double @Nullable [] matrix;
  private @Nullable Integer operators;
  private @Nullable Activation activation;
  private List<String> alarms = List.of();
  private long appendedMillis;
  private List<MissingPart> missing = List.of();

  public LayerVerdictBuilder(SnapshotId id, Kind kind, Shape shape) {
    this.id = id;
    this.kind = kind;
    this.shape = shape;
  }

  LayerVerdictBuilder(LayerVerdict like) {
    this(like.id(), like.kind(), like.shape());
    observability = like.observability();
    profile = like.profile();
    projectionAssumed = like.projectionAssumed();
    n = like.n();
    batch = like.batch();
    order = like.order();
    passes = like.passes();
    nonFinite = like.nonFinite();
    figures = like.figures();
    sigma2Batch = like.sigma2Batch();
    residualBatch = like.residualBatch();
    matrix = like.matrix();
    operators = like.operators();
    activation = like.activation();
    alarms = like.alarms();
    appendedMillis = like.appendedMillis();
    missing = like.missing();
  }

  public LayerVerdictBuilder id(SnapshotId value) {
    id = value;
    return this;
  }

  public LayerVerdictBuilder observability(Observability value) {
    observability = value;
    return this;
  }

  public LayerVerdictBuilder profile(String value) {
    profile = value;
    return this;
  }

  public LayerVerdictBuilder projectionAssumed(boolean value) {
    projectionAssumed = value;
    return this;
  }

  /**
   * Of a layer that holds operators.
   *
   * @param size n of each
   * @param count how many
   * @param place in the network
   */
  public LayerVerdictBuilder operator(int size, int count, List<Integer> place) {
    n = size;
    batch = count;
    order = place;
    return this;
  }

  public LayerVerdictBuilder passes(int value) {
    passes = value;
    return this;
  }

  public LayerVerdictBuilder nonFinite(long value) {
    nonFinite = value;
    return this;
  }

  public LayerVerdictBuilder figures(Figures value) {
    figures = value;
    return this;
  }

  public LayerVerdictBuilder sigma2Batch(@Nullable BatchSpread value) {
    sigma2Batch = value;
    return this;
  }

  public LayerVerdictBuilder residualBatch(@Nullable BatchSpread value) {
    residualBatch = value;
    return this;
  }

  public LayerVerdictBuilder matrix(double @Nullable [] value) {
    matrix = value;
    return this;
  }

  public LayerVerdictBuilder operators(@Nullable Integer value) {
    operators = value;
    return this;
  }

  public LayerVerdictBuilder activation(@Nullable Activation value) {
    activation = value;
    return this;
  }

  public LayerVerdictBuilder alarms(List<String> value) {
    alarms = value;
    return this;
  }

  public LayerVerdictBuilder appendedMillis(long value) {
    appendedMillis = value;
    return this;
  }

  public LayerVerdictBuilder missing(List<MissingPart> value) {
    missing = value;
    return this;
  }

  public LayerVerdict build() {
    return new LayerVerdict(
        id,
        kind,
        observability,
        profile,
        projectionAssumed,
        shape,
        n,
        batch,
        passes,
        nonFinite,
        figures,
        sigma2Batch,
        residualBatch,
        order,
        matrix,
        operators,
        activation,
        alarms,
        appendedMillis,
        missing);
  }
}

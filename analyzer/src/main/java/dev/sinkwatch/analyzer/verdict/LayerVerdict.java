package dev.sinkwatch.analyzer.verdict;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything computed from one snapshot.
 *
 * @param profile name of the profile whose rule decided, or {@code generic}
 * @param projectionAssumed whether the operators were made of logits by the usual projection, since
 *     no profile has a rule for them: the model may make others
 * @param n operator size, 0 when there is no operator
 * @param batch how many operators of that size the snapshot holds, 0 when there is none
 * @param passes passes over the matrix that the figures cost; 1 when it was small enough to be held
 * @param nonFinite NaN and infinite values; with any, there are no figures
 * @param sigma2Batch spread of sigma2 over the batch; null for a batch of one
 * @param residualBatch spread of the larger of {@code rowResidual} and {@code columnResidual} over
 *     the batch; null for a batch of one, and where none was written
 * @param order place in the network, compared lexicographically; empty when there is no operator
 * @param matrix the operators as applied, row-major {@code [batch, n, n]}, when n is at most 64 and
 *     they take at most 64 KiB; of a batch that was drawn the first of them; not to be written to
 * @param operators how many operators a complete step has, if the publisher said so
 * @param activation type of the model's activations, if the publisher said so
 * @param alarms names of the layer alarms whose condition this verdict meets
 * @param appendedMillis oldest append time of the snapshot's shards, milliseconds since 1970
 * @param missing tensors of the layer's site that would have told how its operators depend on the
 *     token
 */
@SuppressWarnings("ArrayRecordComponent") // identity is enough: verdicts are never compared
public record LayerVerdict(
    SnapshotId id,
    Kind kind,
    Observability observability,
    String profile,
    boolean projectionAssumed,
    Shape shape,
    int n,
    int batch,
    int passes,
    long nonFinite,
    Figures figures,
    @Nullable BatchSpread sigma2Batch,
    @Nullable BatchSpread residualBatch,
    List<Integer> order,
    double @Nullable [] matrix,
    @Nullable Integer operators,
    @Nullable Activation activation,
    List<String> alarms,
    long appendedMillis,
    List<MissingPart> missing) {

  public LayerVerdict {
    order = List.copyOf(order);
    alarms = List.copyOf(alarms);
    missing = List.copyOf(missing);
  }

  /**
   * Whether this verdict is on an operator and has its figures, so that it is a link of a chain.
   */
  public boolean link() {
    return kind.operator() && n > 1 && nonFinite == 0;
  }

  /** Whether what is said of it is information rather than fact. */
  public boolean proxy() {
    return observability.proxy() || projectionAssumed;
  }

  /** Name of the chain that it is a link of: {@code n4}. */
  public String chain() {
    return "n" + n;
  }

  public double get(Figure figure) {
    return figures.get(figure);
  }

  public LayerVerdict with(Figure figure, double value) {
    return change().figures(figures.with(figure, value)).build();
  }

  public LayerVerdict withAlarms(List<String> names) {
    return change().alarms(names).build();
  }

  /** The same without those parts. */
  public LayerVerdict without(List<MissingPart> parts) {
    return change().missing(parts).build();
  }

  public LayerVerdict withoutMatrix() {
    return change().matrix(null).build();
  }

  /** Begins a verdict that is the same but for what is said of it. */
  public LayerVerdictBuilder change() {
    return new LayerVerdictBuilder(this);
  }
}

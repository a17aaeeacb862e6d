package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.spectrum.StreamedDense;
import dev.sinkwatch.analyzer.spectrum.StreamedOperators;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotHead;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Judges snapshots that are never in memory: rows are looked at once as they come, in any order. So
 * can be judged what is large, an operator or an ordinary matrix, but for logits, whose scaling
 * takes many passes. Where the values alone tell which of both a square matrix is, it is followed
 * as both until a row says that it is no operator. Immutable.
 */
final class StreamedLayers {

  /** Rows of the longest matrix. */
  private static final long MAX_ROWS = Integer.MAX_VALUE;

  private final Budget budget;
  private final Profiles.Lookup profiles;
  private final SecretDraws draws;
  private final OperatorJudge operators;
  private final DenseJudge matrices;

  StreamedLayers(
      Budget budget,
      Profiles.Lookup profiles,
      SecretDraws draws,
      OperatorJudge operators,
      DenseJudge matrices) {
    this.budget = budget;
    this.profiles = profiles;
    this.draws = draws;
    this.operators = operators;
    this.matrices = matrices;
  }

  /** What a snapshot may turn out to be; neither is a layer that is not analysed. */
  private record Plan(boolean operators, boolean dense) {}

  /**
   * Bytes that a snapshot takes from its first rows to its verdict, without what each block of rows
   * leaves; empty when the layer is not analysed.
   *
   * @throws RejectedException when it cannot be judged so; the message goes on from its size
   */
  OptionalLong bytes(SnapshotHead head) throws RejectedException {
    Plan plan = plan(head);
    if (!plan.operators && !plan.dense) {
      return OptionalLong.empty();
    }
    Shape shape = head.shape();
    int columns = Math.toIntExact(shape.columns());
    long bytes = 0;
    if (plan.operators) {
      bytes += StreamedOperators.bytes(columns, shape.rows() / columns);
    }
    if (plan.dense) {
      bytes += StreamedDense.bytes(shape.rows(), columns);
    }
    return OptionalLong.of(bytes);
  }

  /**
   * Begins with a snapshot that {@link #bytes} says can be judged.
   *
   * @throws RejectedException as there
   */
  StreamedLayer begin(SnapshotHead head, LayerHistory history) throws RejectedException {
    history.begin(head);
    Plan plan = plan(head);
    Shape shape = head.shape();
    Dtype dtype = head.dtype();
    int columns = Math.toIntExact(shape.columns());
    boolean certain = Recognition.certain(head, history);
    RandomGenerator forOperators = draws.of(head.id());
    RandomGenerator forDense = draws.of(head.id());
    return new StreamedLayer(
        head,
        profiles,
        budget,
        operators,
        certain,
        plan.operators
            ? operators.streamed(dtype, columns, OperatorBatch.size(head, columns), forOperators)
            : null,
        plan.dense && !(plan.operators && certain)
            ? matrices.streamed(dtype, shape.rows(), columns, forDense)
            : null);
  }

  private Plan plan(SnapshotHead head) throws RejectedException {
    Shape shape = head.shape();
    Optional<Profile.Match> found = profiles.match(head.id().layer(), shape);
    if (MarginalLayers.candidate(head, found).isPresent()) {
      throw tooLarge("what is told by marginals of its own");
    }
    Kind kind = head.hints().kind();
    if (kind == null && match(head, profiles).isPresent()) {
      kind = Kind.SINKHORN_LOGITS;
    }
    boolean square = Recognition.square(shape);
    if (kind == null) {
      if (shape.rank() < 2) {
        return new Plan(false, false);
      }
      return square && head.dtype().floating()
          ? new Plan(operators(shape), shape.rank() == 2)
          : new Plan(false, dense(shape));
    }
    return switch (kind) {
      case IGNORE -> new Plan(false, false);
      case TRANSPORT_PLAN, SINKHORN_LOGITS ->
          throw tooLarge("logits, whose scaling takes many passes");
      case DOUBLY_STOCHASTIC -> {
        Recognition.requireOperators(kind, head);
        yield new Plan(operators(shape), false);
      }
      case DENSE -> {
        Recognition.requireMatrix(kind, head);
        yield new Plan(false, dense(shape));
      }
    };
  }

  /** The rule that decides on a layer, whatever its values are. */
  static Optional<Profile.Match> match(SnapshotHead head, Profiles.Lookup profiles) {
    return profiles
        .match(head.id().layer(), head.shape())
        .filter(ruled -> !ruled.rule().byValues());
  }

  private static boolean operators(Shape shape) throws RejectedException {
    if (shape.columns() <= OperatorJudge.EXACT_SIZE) {
      throw tooLarge("operators of n = " + shape.columns());
    }
    requireFew(shape);
    return true;
  }

  private static boolean dense(Shape shape) throws RejectedException {
    if (shape.rank() > 2) {
      throw tooLarge("a tensor of more than two dimensions that is no stack of operators");
    }
    if (shape.columns() <= OperatorJudge.EXACT_SIZE) {
      throw tooLarge("a matrix of " + shape.columns() + " columns");
    }
    requireFew(shape);
    return true;
  }

  private static void requireFew(Shape shape) throws RejectedException {
    if (shape.columns() > LargeLayers.MAX_COLUMNS || shape.rows() > MAX_ROWS) {
      throw tooLarge("a matrix of so many rows or columns");
    }
  }

  static RejectedException tooLarge(String what) {
    return new RejectedException(
        Reason.SNAPSHOT_TOO_LARGE, what + " cannot be judged in one pass, as its rows come");
  }
}

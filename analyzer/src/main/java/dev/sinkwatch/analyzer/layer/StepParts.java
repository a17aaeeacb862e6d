package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.SiteTensors;
import dev.sinkwatch.analyzer.profile.SiteTensors.Role;
import dev.sinkwatch.analyzer.profile.SiteTensors.TokenPart;
import dev.sinkwatch.analyzer.verdict.MissingPart.Cause;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has come of the other tensors of a site at one step, as little of each as is needed. For one
 * thread.
 */
final class StepParts {

  /** Values of a vector or a weight that are kept: 16 MiB as floats. */
  private static final long MOST_KEPT = 1 << 22;

  private final SiteTensors tensors;
  private final Set<Role> came = EnumSet.noneOf(Role.class);
  private final Set<Role> tooLarge = EnumSet.noneOf(Role.class);
  private @Nullable TokenWeight weight;
  private @Nullable Waiting waiting;
  private double @Nullable [] norm;
  private @Nullable Double scale;
  private @Nullable Double share;

  StepParts(SiteTensors tensors) {
    this.tensors = tensors;
  }

  /** A weight that came before what its inputs are multiplied by. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Waiting(float[] values, TokenWeight.Size size) implements TokenWeight.Rows {

    @Override
    public void scan(SnapshotMatrix.RowVisitor visitor) {
      int columns = (int) size.columns();
      double[] row = new double[columns];
      for (int i = 0; i < size.rows(); i++) {
        for (int j = 0; j < columns; j++) {
          row[j] = values[i * columns + j];
        }
        visitor.row(i, row);
      }
    }
  }

  SiteTensors tensors() {
    return tensors;
  }

  /** Takes what is needed of a tensor; what cannot be what it is meant to be is passed by. */
  void take(Role role, Snapshot snapshot) throws IOException {
    TokenPart tokens = tensors.tokens();
    came.add(role);
    tooLarge.remove(role);
    switch (role) {
      case SHARE_LOGIT -> {
        double[] values = values(snapshot, 1);
        share = values == null || values.length != 1 ? null : sigmoid(values[0]);
      }
      case SCALE -> {
        int element = Objects.requireNonNull(tokens).scaleElement();
        double[] values = values(snapshot, 1 << 16);
        scale = values == null || values.length <= element ? null : (Double) values[element];
      }
      case NORM -> norm(snapshot, Objects.requireNonNull(tokens));
      case WEIGHT -> weight(snapshot, Objects.requireNonNull(tokens));
    }
  }

  private void norm(Snapshot snapshot, TokenPart tokens) throws IOException {
    double[] values = values(snapshot, MOST_KEPT);
    if (values == null) {
      return;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] += tokens.normOffset();
    }
    norm = values;
    Waiting before = waiting;
    waiting = null;
    if (before != null) {
      weight = weight(before.size, tokens, before);
    }
  }

  private void weight(Snapshot snapshot, TokenPart tokens) throws IOException {
    TokenWeight.Size size = TokenWeight.Size.of(snapshot.shape(), tokens);
    if (size == null || !snapshot.dtype().floating()) {
      return;
    }
    SnapshotMatrix matrix = SnapshotMatrix.of(snapshot, (int) size.columns());
    if (!tensors.ends().containsKey(Role.NORM) || norm != null) {
      weight = weight(size, tokens, matrix::scan);
    } else if (snapshot.shape().elements() <= MOST_KEPT) {
      float[] values = new float[(int) snapshot.shape().elements()];
      int[] filled = {0};
      matrix.scanValues((some, count) -> {
        for (int i = 0; i < count; i++) {
          values[filled[0]++] = (float) some[i];
        }
      });
      waiting = new Waiting(values, size);
    } else {
      tooLarge.add(Role.WEIGHT);
    }
  }

  private @Nullable TokenWeight weight(
      TokenWeight.Size size, TokenPart tokens, TokenWeight.Rows rows) throws IOException {
    long inputs = tokens.outputsInColumns() ? size.rows() : size.columns();
    return norm != null && norm.length != inputs ? null : TokenWeight.of(size, tokens, rows, norm);
  }

  private static double @Nullable [] values(Snapshot snapshot, long most) throws IOException {
    long count = snapshot.shape().elements();
    if (count == 0 || count > most || !snapshot.dtype().floating()) {
      return null;
    }
    double[] values = new double[(int) count];
    int[] filled = {0};
    SnapshotMatrix.of(snapshot, Math.toIntExact(snapshot.shape().columns()))
        .scanValues((some, n) -> {
          System.arraycopy(some, 0, values, filled[0], n);
          filled[0] += n;
        });
    return values;
  }

  private static double sigmoid(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }

  /** Nothing can be taken of a tensor that is never in memory as a whole. */
  void passBy(Role role) {
    tooLarge.add(role);
  }

  /** Why there is nothing of a tensor; null when there is. */
  @Nullable Cause missing(Role role) {
    if (tooLarge.contains(role)) {
      return Cause.TOO_LARGE;
    }
    if (!came.contains(role)) {
      return Cause.ABSENT;
    }
    boolean fit =
        switch (role) {
          case SHARE_LOGIT -> finite(share);
          case SCALE -> finite(scale);
          case NORM -> norm != null;
          case WEIGHT -> waiting != null || finiteWeight();
        };
    return fit ? null : Cause.UNFIT;
  }

  /** Whether something of it will never be there. */
  boolean hopeless() {
    return tensors.ends().keySet().stream()
        .map(this::missing)
        .anyMatch(cause -> cause != null && cause != Cause.ABSENT);
  }

  /** Whether nothing is missing, and all of it is finite. */
  boolean complete() {
    boolean shared = !tensors.ends().containsKey(Role.SHARE_LOGIT) || finite(share);
    return shared && (tensors.tokens() == null || (finite(scale) && finiteWeight()));
  }

  private boolean finiteWeight() {
    return weight != null && weight.finite();
  }

  private static boolean finite(@Nullable Double value) {
    return value != null && Double.isFinite(value);
  }

  /** a in (1 - a) I + a P; null when the rule's own holds. */
  @Nullable Double share() {
    return share;
  }

  /** Of complete parts that have one. */
  TokenWeight weight() {
    return Objects.requireNonNull(weight);
  }

  /** Of complete parts that have one. */
  double scale() {
    return Objects.requireNonNull(scale);
  }

  /** Bytes that are held. */
  long bytes() {
    return 256
        + (weight == null ? 0 : Footprint.ofDoubles(weight.gram().length))
        + (waiting == null ? 0 : 4L * waiting.values.length)
        + (norm == null ? 0 : Footprint.ofDoubles(norm.length));
  }
}

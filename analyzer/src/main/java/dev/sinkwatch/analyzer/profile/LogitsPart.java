package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.sinkhorn.Construction;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a tensor holds the coefficients that its operators are made of. Immutable. */
public sealed interface LogitsPart {

  /** Coefficients of {@code batch} operators of n streams, one operator after the other. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Logits(double[] values, int batch, int n) {}

  /** As profiles write it. */
  String wireName();

  /** n of a tensor of that shape; empty when it cannot hold the coefficients. */
  Optional<Integer> size(Shape shape, Construction construction);

  /** How many operators a tensor of that shape, which has a size, holds. */
  default int batch(Shape shape, long coefficients) {
    return 1;
  }

  /** Whether all of a tensor's values are coefficients, one operator after the other. */
  default boolean everything() {
    return false;
  }

  /** Takes them out of a tensor of a shape that has a size. */
  Logits take(double[] tensor, Shape shape, int n, long coefficients);

  /**
   * Takes the coefficients out of a tensor.
   *
   * @param tensor all its values, row-major
   * @throws RejectedException when a tensor of that shape cannot hold them
   */
  default Logits of(double[] tensor, Shape shape, Construction construction)
      throws RejectedException {
    int n =
        size(shape, construction)
            .orElseThrow(() ->
                new RejectedException(
                    Reason.KIND_NOT_SHAPE,
                    "a tensor of shape [" + shape + "] holds no logits as " + wireName()));
    return take(tensor, shape, n, construction.coefficients(n));
  }

  /** The places that families use. */
  enum Place implements LogitsPart {
    /** {@code [..., n, n]}: the tensor is a batch of matrices of logits. */
    MATRIX,
    /** n weights before, n weights after, then the coefficients. */
    STREAM_BIAS,
    /** n weights before, then the coefficients. */
    AFTER_PRE,
    /** {@code [..., c]}: a batch of all c coefficients of an operator. */
    WEIGHTS,
    /** {@code [n, v + n]}: the last n columns. */
    LAST_COLUMNS;

    @Override
    public String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Optional<Integer> size(Shape shape, Construction construction) {
      long n =
          switch (this) {
            case MATRIX ->
                shape.rank() >= 2 && shape.dimension(-1) == shape.dimension(-2)
                    ? shape.dimension(-1)
                    : 0;
            case STREAM_BIAS -> behind(2, shape.elements(), construction);
            case AFTER_PRE -> behind(1, shape.elements(), construction);
            case WEIGHTS -> shape.rank() >= 1 ? construction.sizeOf(shape.dimension(-1)) : 0;
            case LAST_COLUMNS ->
                shape.rank() == 2 && shape.dimension(1) >= shape.dimension(0)
                    ? shape.dimension(0)
                    : 0;
          };
      boolean whole = this == MATRIX || this == LAST_COLUMNS;
      boolean fits =
          n > 0
              && n <= Integer.MAX_VALUE
              && (!whole || construction.coefficients((int) n) == n * n);
      return fits ? Optional.of((int) n) : Optional.empty();
    }

    /** The n of which some times n values come before the coefficients; 0 when there is none. */
    private static int behind(int times, long elements, Construction construction) {
      for (int n = 1; (long) times * n < elements && n < Construction.MOST; n++) {
        long coefficients = construction.coefficients(n);
        if (coefficients > 0 && coefficients + (long) times * n == elements) {
          return n;
        }
      }
      return 0;
    }

    @Override
    public boolean everything() {
      return this == MATRIX || this == WEIGHTS;
    }

    @Override
    public int batch(Shape shape, long coefficients) {
      return everything() ? Math.toIntExact(shape.elements() / coefficients) : 1;
    }

    @Override
    public Logits take(double[] tensor, Shape shape, int n, long coefficients) {
      return switch (this) {
        case MATRIX, WEIGHTS -> new Logits(tensor, batch(shape, coefficients), n);
        case STREAM_BIAS, AFTER_PRE -> {
          int from = Math.toIntExact(tensor.length - coefficients);
          yield new Logits(Arrays.copyOfRange(tensor, from, tensor.length), 1, n);
        }
        case LAST_COLUMNS -> {
          int columns = (int) shape.dimension(1);
          double[] last = new double[n * n];
          for (int i = 0; i < n; i++) {
            System.arraycopy(tensor, i * columns + columns - n, last, i * n, n);
          }
          yield new Logits(last, 1, n);
        }
      };
    }
  }

  /**
   * Some of the tensor's values, counted row by row.
   *
   * @param from the first
   * @param to the one after the last
   */
  record Slice(int from, int to) implements LogitsPart {

    @Override
    public String wireName() {
      return from + ":" + to;
    }

    @Override
    public Optional<Integer> size(Shape shape, Construction construction) {
      int n = construction.sizeOf((long) to - from);
      return n > 0 && shape.elements() >= to ? Optional.of(n) : Optional.empty();
    }

    @Override
    public Logits take(double[] tensor, Shape shape, int n, long coefficients) {
      return new Logits(Arrays.copyOfRange(tensor, from, to), 1, n);
    }
  }
}

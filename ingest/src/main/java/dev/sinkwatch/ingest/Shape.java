package dev.sinkwatch.ingest;

import java.util.List;

/**
 * Dimensions of a tensor, which is seen as a matrix {@code [product of leading dimensions, last]}.
 * A scalar is 1 x 1, a vector of d values 1 x d.
 *
 * @param dimensions each 0 or more; their product fits a {@code long}
 */
public record Shape(List<Long> dimensions) {

  public Shape {
    dimensions = List.copyOf(dimensions);
    elements(dimensions);
  }

  public static Shape of(long... dimensions) {
    return new Shape(java.util.Arrays.stream(dimensions).boxed().toList());
  }

  /** Rows of the matrix: the product of all dimensions but the last. */
  public long rows() {
    return dimensions.isEmpty() ? 1 : elements(dimensions.subList(0, dimensions.size() - 1));
  }

  /** Columns of the matrix: the last dimension. */
  public long columns() {
    return dimensions.isEmpty() ? 1 : dimensions.getLast();
  }

  /** Number of values. */
  public long elements() {
    return elements(dimensions);
  }

  public int rank() {
    return dimensions.size();
  }

  /** Dimension {@code i}; negative counts from the end, as in NumPy. */
  public long dimension(int i) {
    return dimensions.get(i < 0 ? dimensions.size() + i : i);
  }

  /** As the wire format writes it: {@code d0,d1,...}. */
  @Override
  public String toString() {
    return String.join(",", dimensions.stream().map(String::valueOf).toList());
  }

  private static long elements(List<Long> dimensions) {
    long product = 1;
    for (long d : dimensions) {
      product = Math.multiplyExact(product, d);
    }
    return product;
  }
}

package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which rows of which tensor a document's tensor is.
 *
 * @param shape of the whole tensor
 */
record Part(Shape shape, RowRange rows) {

  /** More than PyTorch or NumPy know. */
  static final int MAX_RANK = 64;

  /**
   * Reads {@code sinkwatch.rows} and {@code sinkwatch.shape}; without them it is the whole tensor.
   */
  static Part of(Map<String, String> metadata, TensorEntry tensor) throws RejectedException {
    String rows = metadata.get(Keys.ROWS);
    String dimensions = metadata.get(Keys.SHAPE);
    if (rows == null && dimensions == null) {
      return new Part(tensor.shape(), new RowRange(0, tensor.shape().rows()));
    }
    if (rows == null || dimensions == null) {
      throw new RejectedException(
          Reason.ROWS_WITHOUT_SHAPE,
          rows == null
              ? Keys.SHAPE + " stands without " + Keys.ROWS
              : Keys.ROWS + " stands without " + Keys.SHAPE);
    }
    RowRange range = range(rows);
    Shape shape = shape(dimensions, tensor);
    if (range.to() > shape.rows()) {
      throw new RejectedException(
          Reason.ROWS_INVALID, Keys.ROWS + " ends behind the last row of " + Keys.SHAPE);
    }
    if (tensor.shape().rows() != range.count() || tensor.shape().columns() != shape.columns()) {
      throw new RejectedException(
          Reason.ROWS_NOT_TENSOR,
          "the tensor is a matrix "
              + tensor.shape().rows()
              + " x "
              + tensor.shape().columns()
              + ", its rows and shape make "
              + range.count()
              + " x "
              + shape.columns());
    }
    return new Part(shape, range);
  }

  private static RowRange range(String rows) throws RejectedException {
    int colon = rows.indexOf(':');
    if (colon < 0) {
      throw new RejectedException(Reason.ROWS_INVALID, Keys.ROWS + " is not r0:r1");
    }
    long from =
        Fields.number(rows.substring(0, colon), Long.MAX_VALUE, Reason.ROWS_INVALID, Keys.ROWS);
    long to =
        Fields.number(rows.substring(colon + 1), Long.MAX_VALUE, Reason.ROWS_INVALID, Keys.ROWS);
    if (from >= to) {
      throw new RejectedException(Reason.ROWS_INVALID, Keys.ROWS + " holds no row");
    }
    return new RowRange(from, to);
  }

  private static Shape shape(String dimensions, TensorEntry tensor) throws RejectedException {
    if (dimensions.chars().filter(c -> c == ',').count() >= MAX_RANK) {
      throw new RejectedException(
          Reason.SHAPE_INVALID, Keys.SHAPE + " has more than " + MAX_RANK + " dimensions");
    }
    List<Long> parsed = new ArrayList<>();
    for (String dimension : dimensions.split(",", -1)) {
      long d = Fields.number(dimension, Long.MAX_VALUE, Reason.SHAPE_INVALID, Keys.SHAPE);
      if (d == 0) {
        throw new RejectedException(Reason.SHAPE_INVALID, Keys.SHAPE + " has a dimension 0");
      }
      parsed.add(d);
    }
    try {
      Shape shape = new Shape(parsed);
      Math.multiplyExact(shape.elements(), tensor.supported().map(Dtype::bytes).orElse(1));
      return shape;
    } catch (ArithmeticException e) {
      throw new RejectedException(
          Reason.SHAPE_INVALID, Keys.SHAPE + " has more than 2^63 - 1 values or bytes");
    }
  }
}

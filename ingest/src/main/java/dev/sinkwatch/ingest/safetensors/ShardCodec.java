package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A Kafka record's value to a shard and back: a safetensors document of one tensor. */
public final class ShardCodec {

  /** More than PyTorch or NumPy know. */
  private static final int MAX_RANK = 64;

  private ShardCodec() {}

  /**
   * Reads a record's value, which may be anything.
   *
   * @param value not copied: the shard's data is a view of it, so it must not change
   * @throws RejectedException with the first reason, in the order of {@link Reason}, why it is no
   *     shard
   */
  public static Decoded decode(byte @Nullable [] value, long appendedMillis)
      throws RejectedException {
    if (value == null) {
      throw new RejectedException(Reason.TOO_SHORT, "the record has no value");
    }
    int headerBytes =
        SafetensorsHeader.length(
            ByteBuffer.wrap(value), Carrier.RECORD, OptionalLong.of(value.length));
    int dataStart = SafetensorsHeader.PREFIX_BYTES + headerBytes;
    SafetensorsHeader header =
        SafetensorsHeader.parse(
            ByteBuffer.wrap(value, SafetensorsHeader.PREFIX_BYTES, headerBytes),
            Carrier.RECORD,
            OptionalLong.of(value.length - dataStart));
    TensorEntry tensor = header.tensors().getFirst();
    Fields fields = new Fields(header.metadata());
    String run =
        fields
            .run()
            .orElseThrow(() -> new RejectedException(Reason.RUN_MISSING, Keys.RUN + " is missing"));
    String layer = Fields.layer(tensor.name());
    long step =
        fields
            .step()
            .orElseThrow(
                () -> new RejectedException(Reason.STEP_MISSING, Keys.STEP + " is missing"));
    SnapshotId id = new SnapshotId(run, fields.attempt().orElse(0), layer, step);
    Part part = part(header.metadata(), tensor);
    Hints hints = fields.hints();
    Optional<Dtype> dtype = tensor.supported();
    if (dtype.isEmpty()) {
      return new Decoded.Ignored("the tensor's dtype is none that is analysed");
    }
    if (tensor.bytes() == 0) {
      // its dimensions may claim any number of empty rows
      return new Decoded.Ignored("the tensor has no values");
    }
    MemorySegment data = MemorySegment.ofArray(value).asSlice(dataStart).asReadOnly();
    return new Decoded.Parsed(
        new Shard(id, part.shape(), part.rows(), dtype.get(), data, hints, appendedMillis));
  }

  private record Part(Shape shape, RowRange rows) {}

  private static Part part(Map<String, String> metadata, TensorEntry tensor)
      throws RejectedException {
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

  /**
   * Writes a shard as a record's value. Its tensor has the snapshot's shape if the shard is the
   * whole snapshot, else {@code [rows, columns]}.
   *
   * @throws IllegalArgumentException if it does not fit an array
   */
  public static byte[] encode(Shard shard) {
    SnapshotId id = shard.id();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(Keys.RUN, id.run());
    metadata.put(Keys.STEP, Long.toString(id.step()));
    if (id.attempt() != 0) {
      metadata.put(Keys.ATTEMPT, Integer.toString(id.attempt()));
    }
    Shape shape = shard.shape();
    if (!shard.whole()) {
      metadata.put(Keys.ROWS, shard.rows().toString());
      metadata.put(Keys.SHAPE, shape.toString());
      shape = Shape.of(shard.rows().count(), shape.columns());
    }
    Hints hints = shard.hints();
    if (hints.kind() != null) {
      metadata.put(Keys.KIND, hints.kind().wireName());
    }
    if (hints.observability() != null) {
      metadata.put(Keys.OBSERVABILITY, hints.observability().wireName());
    }
    if (hints.index() != null) {
      metadata.put(Keys.INDEX, Integer.toString(hints.index()));
    }
    if (hints.operators() != null) {
      metadata.put(Keys.OPERATORS, Integer.toString(hints.operators()));
    }
    if (hints.activation() != null) {
      metadata.put(Keys.ACTIVATION, hints.activation().wireName());
    }
    if (hints.learningRate() != null) {
      metadata.put(Keys.LEARNING_RATE, Double.toString(hints.learningRate()));
    }
    if (hints.weightDecay() != null) {
      metadata.put(Keys.WEIGHT_DECAY, Double.toString(hints.weightDecay()));
    }
    MemorySegment data = shard.data();
    byte[] header =
        SafetensorsWriter.header(
            metadata,
            List.of(new SafetensorsWriter.Tensor(id.layer(), shard.dtype(), shape, data)));
    long length = header.length + data.byteSize();
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("a shard of " + data.byteSize() + " bytes fits no record");
    }
    byte[] value = new byte[(int) length];
    System.arraycopy(header, 0, value, 0, header.length);
    MemorySegment.copy(data, 0, MemorySegment.ofArray(value), header.length, data.byteSize());
    return value;
  }
}

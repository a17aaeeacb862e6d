package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A Kafka record's value to a shard and back: a safetensors document of one tensor. */
public final class ShardCodec {

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
    Part part = Part.of(header.metadata(), tensor);
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
        new Shard(
            id,
            part.shape(),
            part.rows(),
            dtype.get(),
            data,
            hints,
            appendedMillis,
            header.metadata().get(Keys.PUBLISH)));
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
    if (shard.publish() != null) {
      metadata.put(Keys.PUBLISH, shard.publish());
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

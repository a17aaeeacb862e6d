package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors document that comes as a stream: its header first, then the values of all tensors,
 * which become shards as they come. One shard is in memory at a time. The three steps are {@link
 * #headerBytes}, {@link #open}, {@link #cut}, each once and in this order. Not for several threads.
 */
public final class StreamedDocument {

  /** Most that reading a header allocates, by its own length; some of it is garbage at once. */
  public static final int HEADER_COST = 32;

  /** Takes one shard; its data is overwritten after the call. */
  @FunctionalInterface
  public interface Taker {
    void take(Shard shard) throws IOException;
  }

  /**
   * What the header says.
   *
   * @param dataBytes of all tensors, behind the header
   * @param tensors that are passed on
   * @param shardBytes of the largest shard's data
   * @param leftOut tensors that are not passed on: a line each
   */
  public record Contents(long dataBytes, int tensors, int shardBytes, List<String> leftOut) {}

  private final InputStream in;
  private final OptionalLong documentBytes;
  private final List<StreamedTensor> tensors = new ArrayList<>();

  /** Of the publish that this document is, unless it says so itself. */
  private final String name = UUID.randomUUID().toString();

  private int headerBytes;

  /**
   * A document that begins where the stream is.
   *
   * @param documentBytes how long it is, if that is known
   */
  public StreamedDocument(InputStream in, OptionalLong documentBytes) {
    this.in = in;
    this.documentBytes = documentBytes;
  }

  /**
   * How long the header is, which says how much memory reading it takes.
   *
   * @throws RejectedException if it is longer than a body's may be, or than the document
   */
  public int headerBytes() throws IOException {
    byte[] prefix = in.readNBytes(SafetensorsHeader.PREFIX_BYTES);
    headerBytes = SafetensorsHeader.length(ByteBuffer.wrap(prefix), Carrier.BODY, documentBytes);
    return headerBytes;
  }

  /**
   * Reads and checks the header.
   *
   * @param run that the document must be of, as far as it says
   * @param step the same
   * @throws RejectedException with the first reason why not all of it can be shards
   */
  public Contents open(String run, long step) throws IOException {
    byte[] json = in.readNBytes(headerBytes);
    if (json.length < headerBytes) {
      throw new RejectedException(
          Reason.HEADER_BEYOND_RECORD,
          "the header claims "
              + headerBytes
              + " bytes, the body ends behind "
              + json.length
              + " of them");
    }
    OptionalLong data =
        documentBytes.isPresent()
            ? OptionalLong.of(
                documentBytes.getAsLong() - SafetensorsHeader.PREFIX_BYTES - headerBytes)
            : OptionalLong.empty();
    SafetensorsHeader header = SafetensorsHeader.parse(ByteBuffer.wrap(json), Carrier.BODY, data);
    if (header.tensors().isEmpty()) {
      throw new RejectedException(Reason.NO_TENSOR, "the body holds no tensor");
    }
    read(header, run, step);
    return new Contents(
        header.dataBytes(),
        (int) tensors.stream().filter(tensor -> tensor.leftOut() == null).count(),
        tensors.stream().mapToInt(StreamedTensor::shardBytes).max().orElse(0),
        tensors.stream()
            .filter(tensor -> tensor.leftOut() != null)
            .map(tensor -> tensor.id().layer() + ": " + tensor.leftOut())
            .toList());
  }

  private void read(SafetensorsHeader header, String run, long step) throws RejectedException {
    Set<String> layers = new HashSet<>();
    for (TensorEntry tensor : header.tensors()) {
      layers.add(Fields.layer(tensor.name()));
    }
    LayerMetadata metadata = new LayerMetadata(header.metadata(), layers);
    Fields fields = new Fields(metadata.common());
    if (!fields.run().orElse(run).equals(run)) {
      throw new RejectedException(
          Reason.RUN_INVALID, Keys.RUN + " is another run than the one it is sent for");
    }
    if (fields.step().orElse(step) != step) {
      throw new RejectedException(
          Reason.STEP_INVALID, Keys.STEP + " is another step than the one it is sent for");
    }
    int attempt = fields.attempt().orElse(0);
    for (TensorEntry tensor : header.tensors()) {
      Map<String, String> said = metadata.of(tensor.name());
      tensors.add(
          StreamedTensor.of(
              new SnapshotId(run, attempt, tensor.name(), step),
              Part.of(said, tensor),
              tensor,
              new Fields(said).hints(),
              publish(said)));
    }
  }

  /** What a tensor's shards name as their publish, whatever characters were sent for it. */
  private @Nullable String publish(Map<String, String> said) {
    String agreed = said.get(Keys.PUBLISH);
    if (agreed != null) {
      return UUID.nameUUIDFromBytes(agreed.getBytes(StandardCharsets.UTF_8)).toString();
    }
    // rows are a rank's: others publish the rest
    return said.containsKey(Keys.ROWS) ? null : name;
  }

  /**
   * Reads all values and passes them on, tensor by tensor in the order of their offsets, as shards
   * of at most {@link ShardCutter#DEFAULT_BYTES} or one row.
   *
   * @throws RejectedException if the stream ends too early or goes on too long; what was passed on
   *     before that was as the header says
   */
  public void cut(Taker taker) throws IOException {
    byte[] buffer = new byte[tensors.stream().mapToInt(StreamedTensor::shardBytes).max().orElse(0)];
    for (StreamedTensor tensor : tensors) {
      Dtype dtype = tensor.dtype();
      if (tensor.leftOut() != null || dtype == null) {
        skip(tensor.bytes());
        continue;
      }
      int most = tensor.shardBytes();
      for (long at = 0; at < tensor.bytes(); at += most) {
        int length = (int) Math.min(most, tensor.bytes() - at);
        require(in.readNBytes(buffer, 0, length) == length);
        MemorySegment data = MemorySegment.ofArray(buffer).asSlice(0, length);
        taker.take(tensor.shard(at, data, dtype, System.currentTimeMillis()));
      }
    }
    if (in.read() >= 0) {
      throw new RejectedException(Reason.TRAILING_BYTES, "the body goes on behind its last tensor");
    }
  }

  private void skip(long bytes) throws IOException {
    byte[] away = new byte[(int) Math.min(bytes, 64 << 10)];
    for (long left = bytes; left > 0; left -= away.length) {
      int length = (int) Math.min(left, away.length);
      require(in.readNBytes(away, 0, length) == length);
    }
  }

  private static void require(boolean whole) throws RejectedException {
    if (!whole) {
      throw new RejectedException(
          Reason.OFFSETS_BEYOND_RECORD, "the body ends before its last tensor does");
    }
  }
}

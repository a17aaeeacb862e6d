package dev.sinkwatch.dashboard.upload;

import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.safetensors.SafetensorsHeader;
import dev.sinkwatch.ingest.safetensors.StreamedDocument;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/** One body on its way to Kafka, by one thread, which waits as long as Kafka does. */
public final class Upload implements AutoCloseable {

  /** A shard as it is read, and as it is written for Kafka. */
  private static final int SHARD_COST = 2;

  /**
   * What Kafka has of it.
   *
   * @param bytes of values
   * @param leftOut tensors that could not be sent: a line each
   */
  public record Receipt(int tensors, long shards, long bytes, List<String> leftOut) {}

  private final Uploads uploads;
  private final ShardSink sink;
  private final long maxBytes;
  private long memory;
  private long shards;
  private long bytes;

  Upload(Uploads uploads, ShardSink sink, long maxBytes) {
    this.uploads = uploads;
    this.sink = sink;
    this.maxBytes = maxBytes;
  }

  /**
   * Reads the body and sends its shards; returns once all of them are acknowledged. After a failure
   * some may be, too; sent again they are duplicates.
   *
   * @param bodyBytes if they are known beforehand
   * @throws RejectedException if something is wrong with it
   * @throws UploadException if it came to another end
   */
  public Receipt run(InputStream body, OptionalLong bodyBytes, String run, long step)
      throws IOException {
    StreamedDocument document = new StreamedDocument(body, bodyBytes);
    int headerBytes = document.headerBytes();
    take((long) StreamedDocument.HEADER_COST * headerBytes);
    StreamedDocument.Contents contents = document.open(run, step);
    long whole = SafetensorsHeader.PREFIX_BYTES + (long) headerBytes + contents.dataBytes();
    if (maxBytes > 0 && (whole > maxBytes || whole < 0)) {
      throw tooLarge(maxBytes);
    }
    take((long) SHARD_COST * contents.shardBytes());
    AckWindow window =
        new AckWindow(uploads.limits().windowBytes(), uploads.limits().kafkaMillis());
    document.cut(shard -> send(shard, window));
    window.drain();
    return new Receipt(contents.tensors(), shards, bytes, contents.leftOut());
  }

  private void send(Shard shard, AckWindow window) throws IOException {
    long size = shard.data().byteSize();
    window.enter(size);
    try {
      window.follow(sink.publish(shard), size);
    } catch (UploadException e) {
      throw e;
    } catch (IOException e) {
      throw KafkaRefusal.of(e);
    }
    shards++;
    bytes += size;
  }

  /** That a body is longer than it may be. */
  public static UploadException tooLarge(long maxBytes) {
    return new UploadException(
        UploadOutcome.TOO_LARGE, "body-too-large", "a body of more than " + maxBytes + " bytes");
  }

  private void take(long more) throws UploadException {
    uploads.take(more, memory);
    memory += more;
  }

  @Override
  public void close() {
    uploads.ended(memory);
  }
}

package dev.sinkwatch.ingest.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record as {@link DeadLetters} kept it.
 *
 * @param millis when it was kept, milliseconds since 1970
 * @param reason a {@link dev.sinkwatch.ingest.Reason}, as headers write it
 * @param detail a line for people
 * @param topic where it came from, as partition and offset
 * @param key as text
 * @param value null if the record had none
 * @param size bytes that the value had; -1 if the copy does not say
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RejectedRecord(
    long millis,
    String reason,
    String detail,
    String topic,
    int partition,
    long offset,
    String key,
    byte @Nullable [] rawKey,
    byte @Nullable [] value,
    long size) {

  static RejectedRecord of(ConsumerRecord<byte[], byte[]> kept) {
    byte @Nullable [] key = kept.key();
    byte @Nullable [] value = kept.value();
    return new RejectedRecord(
        kept.timestamp(),
        text(kept, DeadLetters.REASON),
        text(kept, DeadLetters.DETAIL),
        text(kept, DeadLetters.TOPIC),
        (int) number(kept, DeadLetters.PARTITION, -1),
        number(kept, DeadLetters.OFFSET, -1),
        key == null ? "" : new String(key, StandardCharsets.UTF_8),
        key,
        value,
        number(kept, DeadLetters.SIZE, -1));
  }

  /** Whether all of it is known to be there; what was too large to be kept was cut. */
  public boolean whole() {
    boolean keyIsWhole = rawKey == null || rawKey.length < DeadLetters.MAX_KEY_BYTES;
    return !topic.isEmpty() && keyIsWhole && (value == null ? 0 : value.length) == size;
  }

  private static String text(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    byte @Nullable [] value = header == null ? null : header.value();
    return value == null ? "" : new String(value, StandardCharsets.UTF_8);
  }

  private static long number(ConsumerRecord<?, ?> record, String name, long otherwise) {
    try {
      return Long.parseLong(text(record, name));
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}

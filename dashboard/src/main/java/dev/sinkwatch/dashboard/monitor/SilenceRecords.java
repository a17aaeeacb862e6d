package dev.sinkwatch.dashboard.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.dashboard.silence.SilenceJournal;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.Topics;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Silences as records of the state topic. Their keys are {@code #silence/<id>}: before the first #
 * or / of other keys stands the name of a run, which is never empty.
 */
final class SilenceRecords implements SilenceJournal {
  private static final String PREFIX = "#silence/";

  private final RecordPublisher publisher;

  SilenceRecords(RecordPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public CompletableFuture<Void> keep(String id, byte @Nullable [] value) {
    CompletableFuture<Void> kept = new CompletableFuture<>();
    Mono.fromFuture(() -> publisher.publish(Topics.STATE, PREFIX, PREFIX + id, value))
        .subscribeOn(Schedulers.boundedElastic()) // it may wait for metadata, whoever asks may not
        .subscribe(done -> {}, kept::completeExceptionally, () -> kept.complete(null));
    return kept;
  }

  /** The id of the silence that the record with that key is about; null if it is about none. */
  static @Nullable String id(byte @Nullable [] key) {
    if (key == null || key.length <= PREFIX.length() || key[0] != PREFIX.charAt(0)) {
      return null;
    }
    String text = new String(key, UTF_8);
    return text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : null;
  }
}

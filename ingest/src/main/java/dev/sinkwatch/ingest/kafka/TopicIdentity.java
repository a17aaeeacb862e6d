package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a topic is still the one that it was. One that was deleted and made anew under the same
 * name has another id, which neither a record nor an offset tells: once it has as many records, it
 * would be read on from where the old one was left. The brokers are asked every few seconds, and
 * not waited for. For the poll thread alone.
 */
final class TopicIdentity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicIdentity.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

  private final Admin admin;
  private final String topic;

  /** A broker that lags behind may tell an old one once more. */
  private final Set<Uuid> past = new HashSet<>();

  private @Nullable Uuid known;
  private @Nullable KafkaFuture<TopicDescription> answer;
  private long askedNanos = System.nanoTime() - INTERVAL_NANOS;
  private long knownNanos = System.nanoTime();

  /**
   * @param admin is closed with this
   */
  TopicIdentity(Admin admin, String topic) {
    this.admin = admin;
    this.topic = topic;
  }

  /**
   * Tells once for each time that the topic was made anew, since when at the earliest, by {@link
   * System#nanoTime}.
   */
  OptionalLong renewedSince() {
    KafkaFuture<TopicDescription> waiting = answer;
    if (waiting == null) {
      if (System.nanoTime() - askedNanos >= INTERVAL_NANOS) {
        askedNanos = System.nanoTime();
        answer = admin.describeTopics(List.of(topic)).topicNameValues().get(topic);
      }
      return OptionalLong.empty();
    }
    if (!waiting.isDone()) {
      return OptionalLong.empty();
    }
    answer = null;
    try {
      return heard(waiting.get().topicId());
    } catch (ExecutionException | InterruptedException e) {
      // it is not there now, or nobody answers: the next answer will tell
      LOG.debug("the id of {} is not known: {}", topic, Failures.line(e));
      return OptionalLong.empty();
    }
  }

  private OptionalLong heard(Uuid id) {
    Uuid before = known;
    if (id.equals(Uuid.ZERO_UUID) || past.contains(id)) { // brokers without ids have none
      return OptionalLong.empty();
    }
    known = id;
    long since = knownNanos;
    knownNanos = askedNanos;
    if (before == null || before.equals(id)) {
      return OptionalLong.empty();
    }
    past.add(before);
    return OptionalLong.of(since);
  }

  /** Hardly waits: of no time at all the client makes as much as it takes. */
  @Override
  public void close() {
    admin.close(Duration.ofMillis(1));
  }
}

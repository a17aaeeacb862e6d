package dev.sinkwatch.dashboard.monitor;

import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.dashboard.runs.WatchStateJson;
import dev.sinkwatch.ingest.kafka.StateTopic;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What monitors before this one remembered of runs. For one thread. */
final class RunsMemory {
  private static final Logger LOG = LoggerFactory.getLogger(RunsMemory.class);

  /** What a run was is forgotten after so long a silence, as its verdicts are. */
  private static final Duration REMEMBERED = Duration.ofDays(30);

  /**
   * @param value the last one under its key
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(int partition, byte[] value) {}

  private final StateTopic topic;
  private final BiConsumer<String, String> outdated;

  /**
   * @param outdated hears of the run and the key of what is too old to be of use
   */
  RunsMemory(StateTopic topic, BiConsumer<String, String> outdated) {
    this.topic = topic;
    this.outdated = outdated;
  }

  /**
   * Brings what is remembered of the runs of those partitions into the book. Blocks while it reads.
   *
   * @throws UncheckedIOException with one line if the brokers cannot be reached or refuse
   */
  void recollect(Set<Integer> partitions, RunBook book) {
    Map<String, Known> known = new HashMap<>();
    try {
      topic.read(
          partitions,
          (partition, key, value) -> {
            if (value == null) {
              known.remove(key);
            } else {
              known.put(key, new Known(partition, value));
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(Topics.STATE + ": " + e.getMessage(), e);
    }
    known.forEach((key, last) -> take(key, last, book));
  }

  private void take(String key, Known known, RunBook book) {
    try {
      WatchState last = WatchStateJson.read(known.value());
      if (System.currentTimeMillis() - last.millis() < REMEMBERED.toMillis()) {
        book.remembered(known.partition(), last);
      } else {
        outdated.accept(last.run(), key);
      }
    } catch (IOException e) {
      LOG.warn("{}, {}: {}", Topics.STATE, key, e.getMessage());
    }
  }
}

package dev.sinkwatch.dashboard.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.dashboard.runs.WatchStateJson;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What follows from the verdicts of owned runs, on its way to the topics: verdicts on chains, and
 * what is to be remembered. What does not get there within the producer's patience is a line in the
 * log. A chain that follows from verdicts that are read again has been told, as a rule: it waits
 * until the verdict on it has been read as well, or until all has been read and none was there,
 * since whoever owned the run before came to his end in between. For one thread.
 */
final class RunsPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(RunsPublisher.class);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * Steps of one chain that are known at once. The oldest is told then: rather twice than never.
   */
  private static final int MOST_STEPS = 256;

  private record At(int attempt, long step) {}

  /** Of one chain: verdicts that wait, and where verdicts were read that did not wait yet. */
  private record Waiting(
      int partition, SequencedMap<At, ChainVerdict> verdicts, SequencedSet<At> told) {
    Waiting(int partition) {
      this(partition, new LinkedHashMap<>(), new LinkedHashSet<>());
    }

    /** Gives the one that can wait no longer, if any. */
    Optional<ChainVerdict> judged(ChainVerdict chain) {
      At at = new At(chain.attempt(), chain.step());
      if (!told.remove(at)) {
        verdicts.put(at, chain);
      }
      return verdicts.size() > MOST_STEPS
          ? Optional.of(verdicts.pollFirstEntry().getValue())
          : Optional.empty();
    }

    void told(At at) {
      if (verdicts.remove(at) == null) {
        told.add(at);
        if (told.size() > MOST_STEPS) {
          told.removeFirst();
        }
      }
    }
  }

  /** Where records go, as {@link RecordPublisher} sends them. */
  interface Records {
    CompletableFuture<Void> publish(
        String topic, String routing, String key, byte @Nullable [] value);
  }

  private final Records records;

  /** By the key that their records have. */
  private final Map<String, Waiting> untold = new HashMap<>();

  RunsPublisher(Records records) {
    this.records = records;
  }

  /** Of verdicts that come for the first time. */
  RunBook.Keeper ofNew() {
    return keeper(this::tell);
  }

  /** Of verdicts of a partition that are read again. */
  RunBook.Keeper ofOld(int partition) {
    return keeper(chain -> waiting(partition, key(chain)).judged(chain).ifPresent(this::tell));
  }

  /** A verdict on a chain that is read again need not be told. */
  void told(int partition, String key, byte[] value) throws IOException {
    JsonNode json = MAPPER.readTree(value);
    waiting(partition, key)
        .told(new At(json.path("attempt").asInt(), json.path("step").asLong(-1)));
  }

  private Waiting waiting(int partition, String key) {
    return untold.computeIfAbsent(key, name -> new Waiting(partition));
  }

  /** All that was there has been read: what waits still was never told. */
  void readAll() {
    untold.values().forEach(waiting -> waiting.verdicts().values().forEach(this::tell));
    untold.clear();
  }

  /** Somebody else speaks for the runs of those partitions. */
  void drop(Set<Integer> partitions) {
    untold.values().removeIf(waiting -> partitions.contains(waiting.partition()));
  }

  private void tell(ChainVerdict chain) {
    publish(Topics.VERDICTS, chain.run(), key(chain), VerdictJson.bytes(VerdictJson.chain(chain)));
  }

  private static String key(ChainVerdict chain) {
    return chain.run() + '#' + chain.chain();
  }

  /** Keys of chains are {@code <run>#n4}; runs have no # in their names, layers come after a /. */
  static boolean chain(byte[] key) {
    for (byte b : key) {
      if (b == '/') {
        return false;
      }
      if (b == '#') {
        return true;
      }
    }
    return false;
  }

  private RunBook.Keeper keeper(Consumer<ChainVerdict> chains) {
    return new RunBook.Keeper() {
      @Override
      public void chain(ChainVerdict chain) {
        chains.accept(chain);
      }

      @Override
      public void remember(WatchState state) {
        publish(Topics.STATE, state.run(), WatchStateJson.key(state), WatchStateJson.bytes(state));
      }
    };
  }

  /** Nothing is remembered under that key any more. */
  void forget(String run, String key) {
    publish(Topics.STATE, run, key, null);
  }

  private void publish(String topic, String run, String key, byte @Nullable [] value) {
    Mono.fromFuture(() -> records.publish(topic, run, key, value))
        .subscribe(
            done -> {},
            failure -> LOG.warn("{} is not on {}: {}", key, topic, failure.getMessage()));
  }
}

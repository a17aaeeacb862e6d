package dev.sinkwatch.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What monitors remember of runs for whoever owns them next. */
public final class StateTopic {
  private final KafkaSettings settings;

  public StateTopic(KafkaSettings settings) {
    this.settings = settings.withClientId(settings.clientId() + "-state");
  }

  /** Takes what is remembered; of what has the same key the later counts. */
  public interface Reader {
    /**
     * @param partition of the verdicts topic to which the run belongs
     * @param value null if the key is to be forgotten
     */
    void accept(int partition, String key, byte @Nullable [] value);
  }

  /**
   * Hands over what is remembered of the runs whose verdicts lie in some partitions. Blocks while
   * it reads, seconds at most unless the brokers are slow.
   *
   * @throws IOException with one line if the brokers cannot be reached or refuse
   */
  public void read(Set<Integer> ofVerdicts, Reader reader) throws IOException {
    try (TopicReader topics = new TopicReader(settings)) {
      int partitions = topics.partitions(Topics.VERDICTS);
      topics.read(Topics.STATE, record -> take(record, partitions, ofVerdicts, reader));
    }
  }

  private static void take(
      ConsumerRecord<byte[], byte[]> record,
      int partitions,
      Set<Integer> ofVerdicts,
      Reader reader) {
    if (record.key() == null || partitions == 0) {
      return; // nobody's
    }
    String key = new String(record.key(), UTF_8);
    if (run(key).isEmpty()) {
      return; // no run's
    }
    int partition = Routing.partition(Routing.bytes(run(key)), partitions);
    if (ofVerdicts.contains(partition)) {
      reader.accept(partition, key, record.value());
    }
  }

  /** Of {@code <run>/<layer>} or {@code <run>#<chain>}; neither sign stands in a run's name. */
  private static String run(String key) {
    int end = 0;
    while (end < key.length() && key.charAt(end) != '/' && key.charAt(end) != '#') {
      end++;
    }
    return key.substring(0, end);
  }
}

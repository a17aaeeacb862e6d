package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How to reach Kafka and how much of it to hold in memory.
 *
 * @param group the consumer group; its members share the partitions
 * @param clientId the prefix of every client's id, and so of its meters
 * @param passThrough Kafka's own client settings, by Kafka's names; they win over ours, except over
 *     what this record names and what acknowledgement and routing rest on (auto commit,
 *     serializers, partitioner)
 * @param maxInFlightRecords records received and not yet settled, without those that wait for the
 *     rest of their snapshot, above which no more are asked for; exceeded by what one poll returns
 *     at most
 * @param maxInFlightBytes the same in bytes of keys and values, of those that wait too
 * @param revocationGrace how long a rebalance waits for shards in flight to be settled, so that
 *     their work is not done again
 * @param deliveryTimeout how long a producer tries before a record counts as failed
 */
public record KafkaSettings(
    String bootstrapServers,
    String group,
    String clientId,
    Map<String, String> passThrough,
    int maxInFlightRecords,
    long maxInFlightBytes,
    Duration revocationGrace,
    Duration deliveryTimeout) {

  /** The largest request, and so the largest record, in bytes. */
  static final int MAX_REQUEST_BYTES = 2 << 20;

  private static final int MAX_FETCH_BYTES = 32 << 20;
  private static final int MAX_POLL_RECORDS = 500;
  private static final Set<String> OURS =
      Set.of(
          ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
          ConsumerConfig.CLIENT_ID_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.PARTITIONER_CLASS_CONFIG,
          ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG);

  public KafkaSettings {
    passThrough = Map.copyOf(passThrough);
    if (maxInFlightRecords < 1 || maxInFlightBytes < 1) {
      throw new IllegalArgumentException("in-flight limits must be 1 or more");
    }
  }

  /** Defaults: 2000 records or 256 MiB in flight, 2 s of grace, 10 min to deliver. */
  public static KafkaSettings of(String bootstrapServers, String group) {
    return new KafkaSettings(
        bootstrapServers,
        group,
        "sinkwatch",
        Map.of(),
        2000,
        256L << 20,
        Duration.ofSeconds(2),
        Duration.ofMinutes(10));
  }

  /** Whether Kafka's setting of that name cannot be passed through, since ours would win. */
  public static boolean reserved(String name) {
    return OURS.contains(name);
  }

  public KafkaSettings withBootstrapServers(String other) {
    return new KafkaSettings(
        other,
        group,
        clientId,
        passThrough,
        maxInFlightRecords,
        maxInFlightBytes,
        revocationGrace,
        deliveryTimeout);
  }

  public KafkaSettings withGroup(String other) {
    return new KafkaSettings(
        bootstrapServers,
        other,
        clientId,
        passThrough,
        maxInFlightRecords,
        maxInFlightBytes,
        revocationGrace,
        deliveryTimeout);
  }

  public KafkaSettings withClientId(String other) {
    return new KafkaSettings(
        bootstrapServers,
        group,
        other,
        passThrough,
        maxInFlightRecords,
        maxInFlightBytes,
        revocationGrace,
        deliveryTimeout);
  }

  public KafkaSettings withPassThrough(Map<String, String> other) {
    return new KafkaSettings(
        bootstrapServers,
        group,
        clientId,
        other,
        maxInFlightRecords,
        maxInFlightBytes,
        revocationGrace,
        deliveryTimeout);
  }

  public KafkaSettings withInFlight(int records, long bytes) {
    return new KafkaSettings(
        bootstrapServers,
        group,
        clientId,
        passThrough,
        records,
        bytes,
        revocationGrace,
        deliveryTimeout);
  }

  /** Settings of a consumer that commits only what it is told to; deserializers come beside. */
  public Properties consumer() {
    Properties p = new Properties();
    p.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    p.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    p.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    p.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    p.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    // a poll and a fetch must stay small beside the budget, which they may exceed by one
    int fetch = Math.clamp(maxInFlightBytes / 8, MAX_REQUEST_BYTES, MAX_FETCH_BYTES);
    p.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Integer.toString(fetch));
    p.put(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
        Integer.toString(Math.min(fetch, 2 * MAX_REQUEST_BYTES)));
    p.put(
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        Integer.toString(Math.min(maxInFlightRecords, MAX_POLL_RECORDS)));
    if (!"consumer".equalsIgnoreCase(passThrough.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG))) {
      p.put(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          CooperativeStickyAssignor.class.getName());
    }
    pass(p, ConsumerConfig.configNames());
    p.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    return p;
  }

  /** Settings of an idempotent producer that waits for all replicas; serializers come beside. */
  public Properties producer() {
    Properties p = new Properties();
    p.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    p.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    p.put(ProducerConfig.ACKS_CONFIG, "all");
    p.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    // weights look random to a compressor: it would cost time and save next to nothing
    p.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    p.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(MAX_REQUEST_BYTES));
    p.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        Integer.toString(Math.clamp(maxInFlightBytes / 4, 2 * MAX_REQUEST_BYTES, 64 << 20)));
    p.put(ProducerConfig.LINGER_MS_CONFIG, "5");
    p.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        Integer.toString((int) Math.min(deliveryTimeout.toMillis(), Integer.MAX_VALUE)));
    pass(p, ProducerConfig.configNames());
    return p;
  }

  /** Settings of an admin client. */
  public Properties admin() {
    Properties p = new Properties();
    p.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    p.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId + "-admin");
    pass(p, AdminClientConfig.configNames());
    return p;
  }

  /** A setting that only other kinds of client know would be logged as unknown by this one. */
  private void pass(Properties target, Set<String> known) {
    passThrough.forEach((name, value) -> {
      boolean others =
          ConsumerConfig.configNames().contains(name)
              || ProducerConfig.configNames().contains(name)
              || AdminClientConfig.configNames().contains(name);
      if (!OURS.contains(name) && (known.contains(name) || !others)) {
        target.put(name, value);
      }
    });
  }

  /** Without the values of {@link #passThrough}, some of which are secrets. */
  @Override
  public String toString() {
    return "KafkaSettings["
        + bootstrapServers
        + ", group "
        + group
        + ", client "
        + clientId
        + ", with "
        + new TreeSet<>(passThrough.keySet())
        + ']';
  }
}

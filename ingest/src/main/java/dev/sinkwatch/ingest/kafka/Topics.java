package dev.sinkwatch.ingest.kafka;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** The topics that sinkwatch lives on. */
public final class Topics {
  /** Shards, one a record. */
  public static final String WEIGHTS = "sinkwatch.weights";

  /** What was computed of them, JSON. */
  public static final String VERDICTS = "sinkwatch.verdicts";

  /** Latest verdicts, alarms and baselines; compacted. */
  public static final String STATE = "sinkwatch.state";

  /** Records that could not be judged, with the reason in their headers. */
  public static final String REJECTED = "sinkwatch.rejected";

  /** How long {@link #ensure} waits for the brokers unless it is told. */
  public static final Duration TIMEOUT = Duration.ofSeconds(15);

  private static final long RETRY_MILLIS = 50;

  private Topics() {}

  /**
   * Creates those topics that are missing, with default retention. Blocks up to {@link #TIMEOUT}.
   *
   * @throws IOException with one line if the brokers cannot be reached or refuse
   */
  public static void ensure(Admin admin, short replicationFactor) throws IOException {
    ensure(admin, TopicSettings.of(replicationFactor));
  }

  /** The same with an admin client of its own; the message then names the brokers. */
  public static void ensure(KafkaSettings kafka, TopicSettings topics) throws IOException {
    ensure(kafka, topics, TIMEOUT);
  }

  /**
   * The same for brokers that may take longer.
   *
   * @param patience longest time that it waits for them
   */
  public static void ensure(KafkaSettings kafka, TopicSettings topics, Duration patience)
      throws IOException {
    TlsProbe.check(kafka);
    @Nullable Admin admin = null;
    try {
      admin = Admin.create(kafka.admin());
      ensure(admin, plan(topics), patience);
    } catch (KafkaException e) {
      throw new IOException("Kafka at " + kafka.bootstrapServers() + ": " + Failures.line(e), e);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("Kafka at " + kafka.bootstrapServers() + ": " + e.getMessage(), e);
    } finally {
      if (admin != null) {
        // an orderly close would wait for answers that no broker is there to give
        admin.close(Duration.ZERO);
      }
    }
  }

  /** The same with other retentions. */
  public static void ensure(Admin admin, TopicSettings topics) throws IOException {
    ensure(admin, plan(topics), TIMEOUT);
  }

  static void ensure(Admin admin, List<NewTopic> wanted, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    // asking first, since whoever may use existing topics may not be allowed to create any
    List<NewTopic> missing = new ArrayList<>();
    int millis = (int) timeout.toMillis();
    DescribeTopicsResult described =
        admin.describeTopics(
            wanted.stream().map(NewTopic::name).toList(),
            new DescribeTopicsOptions().timeoutMs(millis));
    for (NewTopic topic : wanted) {
      if (await(
              described.topicNameValues().get(topic.name()),
              "look up " + topic.name(),
              deadline,
              UnknownTopicOrPartitionException.class)
          != null) {
        missing.add(topic);
      }
    }
    CreateTopicsResult created =
        admin.createTopics(missing, new CreateTopicsOptions().timeoutMs(millis));
    for (NewTopic topic : missing) {
      var _ =
          await(
              created.values().get(topic.name()),
              "create " + topic.name(),
              deadline,
              TopicExistsException.class);
    }
    awaitLeaders(admin, missing, deadline);
  }

  /**
   * A record that comes to a partition before its leader knows of it is sent again behind those
   * that came after it, which an idempotent producer does not get over.
   */
  private static void awaitLeaders(Admin admin, List<NewTopic> created, long deadline)
      throws IOException {
    Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
    for (NewTopic topic : created) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        partitions.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    if (!partitions.isEmpty()) {
      // what a broker tells of a new topic may be older than the answer that it was created
      while (await(
              admin.listOffsets(partitions).all(),
              "find the leaders of new topics",
              deadline,
              RetriableException.class,
              TopicAuthorizationException.class) // then somebody else reads and writes them
          instanceof RetriableException) {
        pause();
      }
    }
  }

  /** How it failed, if it did in one of the ways that are expected. */
  private static @Nullable Throwable await(
      @Nullable KafkaFuture<?> future, String what, long deadline, Class<?>... expected)
      throws IOException {
    try {
      // a topic that was asked for is in the answer
      requireNonNull(future).get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      return null;
    } catch (ExecutionException e) {
      if (Stream.of(expected).anyMatch(type -> type.isInstance(e.getCause()))) {
        return e.getCause();
      }
      // of the two clocks that run, the client's may be first
      boolean silent = e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException;
      throw new IOException(
          "cannot " + what + ": " + (silent ? "no broker answers" : Failures.line(e)), e);
    } catch (TimeoutException e) {
      throw new IOException("cannot " + what + ": no broker answers", e);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  private static List<NewTopic> plan(TopicSettings topics) {
    String maxBytes = Integer.toString(KafkaSettings.MAX_REQUEST_BYTES);
    return List.of(
        topic(
            WEIGHTS,
            topics.partitions(),
            topics,
            Map.of(
                TopicConfig.RETENTION_MS_CONFIG,
                millis(topics.weightsRetention()),
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime",
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                maxBytes)),
        topic(
            VERDICTS,
            topics.partitions(),
            topics,
            Map.of(TopicConfig.RETENTION_MS_CONFIG, millis(topics.verdictsRetention()))),
        topic(
            STATE,
            1,
            topics,
            Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT)),
        topic(
            REJECTED,
            1,
            topics,
            Map.of(
                TopicConfig.RETENTION_MS_CONFIG,
                millis(topics.rejectedRetention()),
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                maxBytes)));
  }

  private static NewTopic topic(
      String name, int partitions, TopicSettings topics, Map<String, String> configs) {
    return new NewTopic(
            name,
            Optional.of(partitions),
            topics.replicationFactor() < 0
                ? Optional.empty()
                : Optional.of(topics.replicationFactor()))
        .configs(configs);
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }
}

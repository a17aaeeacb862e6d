package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes to one partition from now on, read beside all groups. A thread of its own reads, for
 * ever: an outage costs time and no records. All methods are safe for use by several threads.
 */
public final class PartitionTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionTail.class);
  private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final String FETCH_WAIT_MILLIS = "50";

  /** Hears on the reading thread; must be quick and must not throw. */
  public interface Reader {

    void received(byte @Nullable [] key, byte @Nullable [] value);

    /**
     * All that lay there at that time has been received; told about once a pace, as long as the
     * partition's leader answers.
     *
     * @param nanos {@link System#nanoTime}
     */
    void readToEnd(long nanos);
  }

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final String routing;
  private final Duration pace;
  private final Reader reader;
  private final CountDownLatch placed = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean stopped;
  private boolean failing;
  private @Nullable TopicPartition partition;
  private long askedNanos = System.nanoTime();

  /** Where the partition ended when it was asked last; -1 once that is read. */
  private long end = -1;

  private PartitionTail(
      Consumer<byte[], byte[]> consumer,
      String topic,
      String routing,
      Duration pace,
      Reader reader) {
    this.consumer = consumer;
    this.topic = topic;
    this.routing = routing;
    this.pace = pace;
    this.reader = reader;
    this.thread = Thread.ofPlatform().name("sinkwatch-tail-" + topic).daemon().unstarted(this::run);
  }

  /**
   * Begins to read.
   *
   * @param routing leads to the partition, as in {@link RecordPublisher#publish}
   * @param pace how often the end is looked up
   * @throws IOException with one line if Kafka does not take the settings
   */
  public static PartitionTail open(
      KafkaSettings settings, String topic, String routing, Duration pace, Reader reader)
      throws IOException {
    try {
      Properties properties = settings.withClientId(settings.clientId() + "-tail").consumer();
      // the look-up of the end waits behind a fetch that waits for records, and we behind it
      properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
      PartitionTail tail =
          new PartitionTail(
              new KafkaConsumer<>(
                  properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
              topic,
              routing,
              pace,
              reader);
      tail.thread.start();
      return tail;
    } catch (KafkaException e) {
      throw new IOException(topic + ": " + Failures.line(e), e);
    }
  }

  /** Waits until it is settled where reading begins: whatever is published then is received. */
  public boolean awaitPlace(Duration most) throws InterruptedException {
    return placed.await(most.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run() {
    while (!stopped) {
      try {
        turn();
        failing = false;
      } catch (WakeupException e) {
        // told to stop; the loop's condition sees to it
      } catch (KafkaException e) {
        if (!failing) {
          LOG.warn("reading the end of {}: {}; trying again", topic, Failures.line(e));
        }
        failing = true;
        LockSupport.parkNanos(this, RETRY_NANOS);
      }
    }
    try {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    } catch (KafkaException e) {
      LOG.warn("leaving {}: {}", topic, Failures.line(e));
    }
  }

  private void turn() {
    TopicPartition read = partition;
    if (read == null) {
      read = place();
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(pace)) {
      reader.received(record.key(), record.value());
    }
    if (end < 0 && System.nanoTime() - askedNanos >= pace.toNanos()) {
      askedNanos = System.nanoTime();
      end = end(read);
    }
    if (end >= 0 && consumer.position(read, LOOK_UP_TIMEOUT) >= end) {
      end = -1;
      reader.readToEnd(askedNanos);
    }
  }

  private TopicPartition place() {
    int count = consumer.partitionsFor(topic, LOOK_UP_TIMEOUT).size();
    if (count == 0) {
      throw new KafkaException("there is no such topic");
    }
    TopicPartition found = new TopicPartition(topic, Routing.partition(routing, count));
    long from = end(found);
    consumer.assign(List.of(found));
    consumer.seek(found, from);
    partition = found;
    placed.countDown();
    return found;
  }

  private long end(TopicPartition of) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(of), LOOK_UP_TIMEOUT);
    return ends.getOrDefault(of, -1L);
  }

  /** Ends reading; waits a second for that at most. */
  @Override
  public void close() {
    stopped = true;
    consumer.wakeup();
    LockSupport.unpark(thread);
    try {
      boolean _ = thread.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

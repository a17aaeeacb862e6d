package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns a consumer. It polls for ever: work that cannot take records has its
 * partitions paused, never the polling, so that group membership survives any back-pressure. It is
 * woken up ({@code Consumer.wakeup}) only to stop, as a wakeup amid a rebalance may cost its
 * callbacks.
 */
final class ConsumerLoop implements Runnable, ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerLoop.class);

  /** How long a poll waits for records; also how late periodic work may be. */
  private static final Duration POLL = Duration.ofMillis(100);

  /** How long a paused loop rests between polls unless it is signalled. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long MIN_BACKOFF_MILLIS = 100;
  private static final long MAX_BACKOFF_MILLIS = 5000;
  private static final int MAX_UNKNOWN_FAILURES = 10;

  /** What the loop does with its partitions; every method is called on the loop's thread. */
  interface Work extends ConsumerRebalanceListener {

    /** Once, before the first poll: asks for partitions, whose changes go to that listener. */
    default void begin(
        Consumer<byte[], byte[]> consumer, String topic, ConsumerRebalanceListener listener) {
      consumer.subscribe(List.of(topic), listener);
    }

    /** Before every poll. Returns whether it takes records now. */
    boolean ready();

    void records(ConsumerRecords<byte[], byte[]> records);

    /**
     * A poll has failed as partitions have no record where they stand. Returns whether they have
     * been sent elsewhere; else the loop ends. What it throws is taken for a failure of the poll.
     */
    default boolean reposition(InvalidOffsetException failure) {
      return false;
    }

    /** After the last poll, while the consumer can still commit. */
    void finish();

    /** The loop has ended, the consumer is closed; with a failure unless it was told to stop. */
    void ended(@Nullable IOException failure);
  }

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final Work work;
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopped;
  private volatile boolean signalled;
  private int failures;

  ConsumerLoop(Consumer<byte[], byte[]> consumer, String topic, Work work) {
    this.consumer = consumer;
    this.topic = topic;
    this.work = work;
    this.thread = Thread.ofPlatform().name("sinkwatch-poll-" + topic).daemon().unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Any thread: something happened that may let the work go on. */
  void signal() {
    signalled = true;
    LockSupport.unpark(thread);
  }

  /** Any thread: ends the loop soon; does not wait for it. */
  void stop() {
    if (!stopped) {
      stopped = true;
      consumer.wakeup();
      LockSupport.unpark(thread);
    }
  }

  boolean stopped() {
    return stopped;
  }

  /** Whether it has ended within that time. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    return Thread.currentThread() == thread || ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** On the loop's thread: rests until signalled, at most that long. */
  void rest(long nanos) {
    if (!signalled && !stopped) {
      LockSupport.parkNanos(this, nanos);
    }
    signalled = false;
  }

  @Override
  public void run() {
    @Nullable Throwable failure = null;
    try {
      work.begin(consumer, topic, this);
      while (!stopped) {
        turn();
      }
    } catch (Throwable e) {
      // an Error must be told as well: a stream that silently stands still is the worst of ends
      failure = e;
    }
    stopped = true;
    quietly(work::finish);
    quietly(() -> consumer.close(CloseOptions.timeout(Duration.ofSeconds(3))));
    work.ended(
        failure == null ? null : new IOException(topic + ": " + Failures.line(failure), failure));
    ended.countDown();
  }

  private void quietly(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      // an Error as well: what comes after it, the word that the loop has ended, must be said
      LOG.warn("leaving {}: {}", topic, Failures.line(e));
    }
  }

  private void turn() {
    boolean ready = work.ready();
    ConsumerRecords<byte[], byte[]> records = poll(ready);
    // outside of poll's retries: what has been polled is not polled again
    work.records(records);
    if (!ready) {
      rest(REST_NANOS);
    }
  }

  private ConsumerRecords<byte[], byte[]> poll(boolean ready) {
    if (consumer.assignment().isEmpty() && consumer.subscription().isEmpty()) {
      rest(POLL.toNanos()); // whom no group gives partitions may have none for a while
      return ConsumerRecords.empty();
    }
    try {
      if (ready) {
        consumer.resume(consumer.paused());
      } else {
        consumer.pause(consumer.assignment());
      }
      ConsumerRecords<byte[], byte[]> records = poll(ready ? POLL : Duration.ZERO);
      failures = 0;
      return records;
    } catch (WakeupException e) {
      // told to stop; the loop's condition sees to it
    } catch (RetriableException | RebalanceInProgressException | CommitFailedException e) {
      backOff(e);
    } catch (KafkaException e) {
      if (fatal(e) || failures >= MAX_UNKNOWN_FAILURES) {
        throw e;
      }
      backOff(e);
    }
    return ConsumerRecords.empty();
  }

  private ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    try {
      return consumer.poll(timeout);
    } catch (InvalidOffsetException e) {
      if (!work.reposition(e)) {
        throw e;
      }
      return ConsumerRecords.empty();
    }
  }

  /** What no repetition mends: missing rights, wrong settings, an unusable position. */
  private static boolean fatal(KafkaException e) {
    return e instanceof ApiException
        || e instanceof InvalidOffsetException
        || e instanceof InterruptException;
  }

  private void backOff(KafkaException e) {
    long millis = Math.min(MIN_BACKOFF_MILLIS << Math.min(failures, 10), MAX_BACKOFF_MILLIS);
    failures++;
    LOG.warn("polling {} again in {} ms: {}", topic, millis, Failures.line(e));
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = end - System.nanoTime();
        left > 0 && !stopped;
        left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    // until the work has said that it takes records; else this poll could already return some
    consumer.pause(partitions);
    work.onPartitionsAssigned(partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    work.onPartitionsRevoked(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    work.onPartitionsLost(partitions);
  }
}

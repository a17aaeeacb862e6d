package dev.sinkwatch.ingest.kafka;

import static dev.sinkwatch.ingest.kafka.TestTopic.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class PartitionTailTest {
  private static final String ROUTING = "run";
  private final TestTopic topic;
  private final int partition = Routing.partition(ROUTING, 5);

  /** What came, and up to when all that was there had come. */
  private static final class Received implements PartitionTail.Reader {
    final List<String> values = new CopyOnWriteArrayList<>();
    final AtomicLong readNanos = new AtomicLong(Long.MIN_VALUE);

    @Override
    public void received(byte @Nullable [] key, byte @Nullable [] value) {
      values.add(value == null ? "none" : new String(value, UTF_8));
    }

    @Override
    public void readToEnd(long nanos) {
      readNanos.set(nanos);
    }
  }

  PartitionTailTest() throws Exception {
    topic = new TestTopic(5);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  @Test
  void tail_givenRecordsBeforeAndAfter_hearsThoseOfItsPartitionFromItsPlaceOn() throws Exception {
    topic.send(partition, null, Routing.bytes("before"));
    Received received = new Received();
    try (PartitionTail tail = open(received)) {
      assertThat(tail.awaitPlace(Duration.ofMinutes(1))).isTrue();
      for (int i = 0; i < 20; i++) {
        topic.send(partition, null, Routing.bytes("v" + i));
        topic.send((partition + 1) % 5, null, Routing.bytes("elsewhere"));
      }
      topic.send(partition, null, null);
      long sent = System.nanoTime();
      until("read to the end", () -> received.readNanos.get() >= sent);
      assertThat(received.values).hasSize(21).startsWith("v0", "v1").endsWith("v19", "none");
    }
    assertThat(topic.committed()).as("it is of no group").isEmpty();
  }

  @Test
  void tail_givenItsEnd_leavesNoThread() throws Exception {
    open(new Received()).close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("sinkwatch-tail-" + topic.name());
  }

  private PartitionTail open(Received received) throws Exception {
    return PartitionTail.open(
        topic.settings(), topic.name(), ROUTING, Duration.ofMillis(50), received);
  }
}

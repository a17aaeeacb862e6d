package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * What no broker in this process can be brought to: logs that lose their end, look-ups that fail.
 */
final class OffsetResetTest {
  private static final TopicPartition ID = new TopicPartition("t", 0);
  private static final TopicPartition OTHER = new TopicPartition("t", 1);

  private final Ledger ledger = new Ledger();
  private final ActivePartition partition =
      new ActivePartition(
          ID,
          ledger,
          new InFlightBudget(100, 1000),
          (_, _) -> CompletableFuture.completedFuture(null),
          () -> {});
  private final Fickle consumer = new Fickle();
  private final OffsetReset reset = new OffsetReset(consumer, Map.of(ID, partition), ledger);

  /** Says where its partitions begin unless it is silent. */
  private static final class Fickle extends MockConsumer<byte[], byte[]> {
    private boolean silent;

    Fickle() {
      super("none");
      assign(List.of(ID, OTHER));
      updateBeginningOffsets(Map.of(ID, 10L, OTHER, 0L));
      seek(ID, 1);
      seek(OTHER, 1);
    }

    @Override
    public synchronized Map<TopicPartition, Long> beginningOffsets(
        Collection<TopicPartition> partitions, Duration timeout) {
      if (silent) {
        throw new TimeoutException("nobody answers");
      }
      return super.beginningOffsets(partitions, timeout);
    }
  }

  @Test
  void aLogThatLostItsEndGoesOnWhereItDiverges() {
    receive(20, 40).forEach(record -> record.settle(Outcome.Settled.ANALYZED));
    assertThat(reset.reset(truncated(40, 30))).containsExactly(ID);
    assertThat(consumer.position(ID)).isEqualTo(30);
    assertThat(ledger.read().expired()).isZero();
  }

  @Test
  void whatIsInFlightBeforeThatComesAgain() {
    receive(20, 40).subList(0, 5).forEach(record -> record.settle(Outcome.Settled.ANALYZED));
    assertThat(reset.reset(truncated(40, 30))).containsExactly(ID);
    assertThat(consumer.position(ID)).isEqualTo(25);
  }

  @Test
  void whereNobodyKnowsWhereItDivergesItGoesBackToTheBeginning() {
    var unknown = new LogTruncationException(Map.of(ID, 40L), Map.of());
    assertThat(reset.reset(unknown)).containsExactly(ID);
    assertThat(consumer.position(ID)).isEqualTo(10);
  }

  @Test
  void whatExpiredIsCommittedBehindWhatIsInFlight() {
    List<InFlight> records = receive(0, 3);
    assertThat(reset.reset(new OffsetOutOfRangeException(Map.of(ID, 3L)))).isEmpty();
    assertThat(consumer.position(ID)).isEqualTo(10);
    assertThat(ledger.read().expired()).isEqualTo(7);
    assertThat(partition.uncommitted()).isNull();
    records.forEach(record -> record.settle(Outcome.Settled.ANALYZED));
    assertThat(partition.uncommitted()).isEqualTo(new OffsetAndMetadata(10));
    // told once more of the same, it counts nothing
    var _ = reset.reset(new OffsetOutOfRangeException(Map.of(ID, 3L)));
    assertThat(ledger.read().expired()).isEqualTo(7);
  }

  @Test
  void aFailedLookUpLeavesAllAsItWas() {
    consumer.silent = true;
    assertThatThrownBy(() -> reset.reset(new OffsetOutOfRangeException(Map.of(ID, 3L))))
        .isInstanceOf(TimeoutException.class);
    assertThat(consumer.position(ID)).isEqualTo(1);
    assertThat(ledger.read().expired()).isZero();
    assertThat(partition.uncommitted()).isNull();
  }

  @Test
  void whatIsNotOursAnyMoreIsLeftAlone() {
    assertThat(reset.reset(new OffsetOutOfRangeException(Map.of(OTHER, 3L)))).isEmpty();
    assertThat(reset.reset(new NoOffsetForPartitionException(Set.of(OTHER)))).isEmpty();
    assertThat(consumer.position(ID)).isEqualTo(1);
    assertThat(consumer.position(OTHER)).isEqualTo(1);
    assertThat(ledger.read().expired()).isZero();
  }

  @Test
  void anotherResetThanToTheEarliestIsKafkas() {
    for (String other : List.of("latest", "none", "by_duration:PT1H")) {
      Properties settings = new Properties();
      settings.put("auto.offset.reset", other);
      assertThat(OffsetReset.takeOver(settings)).isFalse();
      assertThat(settings).containsEntry("auto.offset.reset", other);
    }
  }

  private List<InFlight> receive(int from, int before) {
    List<InFlight> records = new ArrayList<>();
    for (int offset = from; offset < before; offset++) {
      records.add(
          partition.receive(new ConsumerRecord<>("t", 0, offset, new byte[0], new byte[0])));
    }
    return records;
  }

  private static LogTruncationException truncated(long position, long divergent) {
    return new LogTruncationException(
        Map.of(ID, position), Map.of(ID, new OffsetAndMetadata(divergent)));
  }
}

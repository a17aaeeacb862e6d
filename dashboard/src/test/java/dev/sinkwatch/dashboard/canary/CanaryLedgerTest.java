package dev.sinkwatch.dashboard.canary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdictBuilder;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every canary comes to one end, whatever the order in which its news come. */
final class CanaryLedgerTest {
  private static final KnownMixer MIXER = KnownMixer.of(4, 0, 0);
  private static final int PARTITION = 7;

  /** What was heard, in order. */
  private static final class Heard implements CanaryListener {
    final List<String> news = new ArrayList<>();

    @Override
    public void published(int partition) {
      news.add("published " + partition);
    }

    @Override
    public void failed(CanaryFailure reason, String line) {
      news.add("failed " + reason.wireName());
    }

    @Override
    public void answered(int partition, long nanos) {
      news.add("answered " + partition + " after " + TimeUnit.NANOSECONDS.toSeconds(nanos));
    }

    @Override
    public void lost(int partition) {
      news.add("lost " + partition);
    }

    @Override
    public void late(int partition, long nanos) {
      news.add("late " + partition + " after " + TimeUnit.NANOSECONDS.toSeconds(nanos));
    }

    @Override
    public void compared(Comparison comparison) {
      news.add(comparison.right() ? "right" : "wrong");
    }
  }

  private final Heard heard = new Heard();
  private final CanaryLedger ledger = new CanaryLedger(Duration.ofSeconds(60), List.of(heard));

  @Test
  void aVerdictInTimeIsAnAnswer() {
    send(0, 10);
    ledger.acknowledged(id(0), seconds(11));
    readEverySecond(11, 40);
    ledger.verdict(verdict(0), seconds(41));
    readEverySecond(41, 200);
    assertThat(heard.news).containsExactly("published 7", "answered 7 after 31", "wrong");
    assertThat(ledger.inFlight()).isZero();
  }

  @Test
  void aVerdictThatIsFasterThanTheAcknowledgementCountsOnce() {
    send(0, 10);
    ledger.verdict(verdict(0), seconds(12));
    ledger.acknowledged(id(0), seconds(13));
    ledger.failed(id(0), CanaryFailure.TIMEOUT, "");
    ledger.verdict(verdict(0), seconds(14)); // judged once more
    readEverySecond(10, 200);
    assertThat(heard.news).containsExactly("published 7", "answered 7 after 2", "wrong");
  }

  @Test
  void withoutAVerdictItIsLostAndThenLateNotAnswered() {
    readEverySecond(0, 10);
    send(0, 10);
    ledger.acknowledged(id(0), seconds(10));
    readEverySecond(11, 69);
    assertThat(heard.news).containsExactly("published 7");
    readEverySecond(70, 75);
    assertThat(heard.news).containsExactly("published 7", "lost 7");
    assertThat(ledger.inFlight()).isZero();
    ledger.verdict(verdict(0), seconds(80));
    ledger.verdict(verdict(0), seconds(81));
    assertThat(heard.news).containsExactly("published 7", "lost 7", "late 7 after 70", "wrong");
  }

  @Test
  void whatKafkaDidNotTakeHasFailedAndIsNeverLost() {
    send(0, 0);
    readEverySecond(0, 300); // it waits for its acknowledgement
    assertThat(heard.news).isEmpty();
    ledger.failed(id(0), CanaryFailure.TIMEOUT, "no broker");
    readEverySecond(300, 600);
    ledger.verdict(verdict(0), seconds(600)); // Kafka had it after all
    assertThat(heard.news).containsExactly("failed timeout");
  }

  @Test
  void timeInWhichNothingCanBeReadMakesNothingLost() {
    readEverySecond(0, 10);
    send(0, 10);
    ledger.acknowledged(id(0), seconds(10));
    readEverySecond(11, 20);
    readEverySecond(1000, 1040); // an outage lay between: 5 s of it count
    assertThat(heard.news).containsExactly("published 7");
    ledger.verdict(verdict(0), seconds(1041));
    assertThat(heard.news).containsExactly("published 7", "answered 7 after 1031", "wrong");
    send(1, 1041);
    ledger.acknowledged(id(1), seconds(1041));
    readEverySecond(1042, 1102);
    assertThat(heard.news).endsWith("published 7", "lost 7");
  }

  @Test
  void aReaderThatNeverReadsLosesNothingAndHoldsABoundedNumber() {
    for (int step = 0; step <= CanaryLedger.MOST; step++) {
      boolean room = ledger.send(id(step), PARTITION, MIXER, seconds(step));
      assertThat(room).isEqualTo(step < CanaryLedger.MOST);
    }
    assertThat(ledger.inFlight()).isEqualTo(CanaryLedger.MOST);
    assertThat(heard.news).containsExactly("failed too-many-in-flight");
  }

  @Test
  void theEndOfTheMonitorCountsForNothing() {
    readEverySecond(0, 10);
    send(0, 10);
    ledger.acknowledged(id(0), seconds(10));
    send(1, 10);
    ledger.close();
    ledger.failed(id(1), CanaryFailure.OTHER, "closed");
    ledger.refuse(CanaryFailure.OTHER, "closed");
    readEverySecond(10, 200);
    ledger.verdict(verdict(0), seconds(200));
    assertThat(ledger.send(id(2), PARTITION, MIXER, seconds(200))).isFalse();
    assertThat(heard.news).containsExactly("published 7");
  }

  private void send(long step, long second) {
    assertThat(ledger.send(id(step), PARTITION, MIXER, seconds(second))).isTrue();
  }

  private void readEverySecond(long from, long to) {
    for (long second = from; second <= to; second++) {
      ledger.readToEnd(seconds(second));
    }
  }

  private static SnapshotId id(long step) {
    return new SnapshotId("sinkwatch.canary.0", 0, "canary.0.mixer", step);
  }

  private static LayerVerdict verdict(long step) {
    return new LayerVerdictBuilder(id(step), Kind.DENSE, Shape.of(4, 4)).build();
  }

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }
}

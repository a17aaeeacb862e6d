package dev.sinkwatch.dashboard.monitor;

import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.runs.AlarmLog;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.dashboard.silence.Silence;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.RecordFeed;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.StateTopic;
import dev.sinkwatch.ingest.kafka.Topics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * What a monitor reads back from Kafka: the verdicts of the runs that it owns, those of all others,
 * and everybody's silences. All of it is taken in on one thread, since the listeners are the same.
 */
final class ReadBack implements AutoCloseable {

  /** Verdicts that one poll of theirs brings, and bytes that their consumer holds. */
  private static final int FEED_RECORDS = 100;

  private static final long FEED_BYTES = 16 << 20;

  /** Alarms that change within this time are told in one line. */
  private static final long ALARM_LOG_SECONDS = 10;

  private final Settings settings;
  private final Scheduler thread = Schedulers.newSingle("runs");
  private final RunsFeed runs;
  private final RunsFeed otherRuns;
  private final SilencesFeed silences;

  /**
   * @param own book of the runs that this monitor owns
   * @param others book of all other runs
   * @param listeners are told when other silences stand than before
   */
  ReadBack(
      Settings settings,
      RecordPublisher publisher,
      RunBook own,
      RunBook others,
      Silences silences,
      List<Consumer<List<Silence>>> listeners) {
    this.settings = settings;
    StateTopic state = new StateTopic(settings.kafka());
    OwnedPartitions owned = new OwnedPartitions(this::others);
    RunsPublisher runsPublisher = new RunsPublisher(publisher::publish);
    this.silences = new SilencesFeed(settings.kafka(), silences, listeners, thread);
    this.runs =
        new RunsFeed(
            RunsFeed.Share.OWNED,
            owned,
            () -> new RecordFeed(verdictsKafka(), Topics.VERDICTS, settings.replay()),
            new RunsMemory(state, runsPublisher::forget),
            own,
            runsPublisher,
            thread);
    this.otherRuns =
        new RunsFeed(
            RunsFeed.Share.REST,
            owned,
            () -> RecordFeed.ofTheRest(verdictsKafka(), Topics.VERDICTS, settings.replay()),
            new RunsMemory(state, (run, key) -> {}), // it is for its owner to forget
            others,
            runsPublisher,
            thread);
  }

  private KafkaSettings verdictsKafka() {
    return settings
        .kafka()
        .withGroup(settings.kafka().group() + "-verdicts")
        .withInFlight(FEED_RECORDS, FEED_BYTES);
  }

  private void others(Set<Integer> owned) {
    otherRuns.except(owned);
  }

  /**
   * Begins to read.
   *
   * @param log is written now and then
   */
  void start(Retry retry, AlarmLog log) {
    thread.schedulePeriodically(log::flush, ALARM_LOG_SECONDS, ALARM_LOG_SECONDS, TimeUnit.SECONDS);
    // else what is silenced would be told until that is known
    otherRuns.start(retry, silences.read());
    runs.start(retry, silences.read());
    silences.start(retry);
  }

  /** Whether the last verdicts of the runs that it owns have been read again and taken in. */
  boolean caughtUp() {
    return runs.caughtUp();
  }

  /** Of the consumer of the runs that it owns. */
  Map<MetricName, ? extends Metric> kafkaMetrics() {
    return runs.kafkaMetrics();
  }

  @Override
  public void close() {
    runs.close();
    otherRuns.close();
    silences.close();
    thread.dispose();
  }
}

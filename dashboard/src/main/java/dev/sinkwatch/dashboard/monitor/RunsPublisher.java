package dev.sinkwatch.dashboard.monitor;

import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.dashboard.runs.WatchStateJson;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.Topics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What follows from the verdicts of owned runs, on its way to the topics: verdicts on chains, and
 * what is to be remembered. What does not get there within the producer's patience is a line in the
 * log.
 */
final class RunsPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(RunsPublisher.class);

  /** Of runs for which somebody else speaks. */
  static final RunBook.Keeper SILENT =
      new RunBook.Keeper() {
        @Override
        public void chain(ChainVerdict verdict) {}

        @Override
        public void remember(WatchState state) {}
      };

  private final RecordPublisher publisher;

  RunsPublisher(RecordPublisher publisher) {
    this.publisher = publisher;
  }

  /**
   * @param first whether chains are judged for the first time, so that they are to be told
   */
  RunBook.Keeper keeper(boolean first) {
    return new RunBook.Keeper() {
      @Override
      public void chain(ChainVerdict chain) {
        if (first) {
          publish(
              Topics.VERDICTS,
              chain.run(),
              chain.run() + '#' + chain.chain(),
              VerdictJson.bytes(VerdictJson.chain(chain)));
        }
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
    Mono.fromFuture(() -> publisher.publish(topic, run, key, value))
        .subscribe(
            done -> {},
            failure -> LOG.warn("{} is not on {}: {}", key, topic, failure.getMessage()));
  }
}

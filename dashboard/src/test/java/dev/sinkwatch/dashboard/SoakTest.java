package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A steady load for long: what the process holds does not grow. */
class SoakTest {
  /** Minutes; {@code -Dsinkwatch.soak=} says another number. */
  private static final double MINUTES =
      Double.parseDouble(
          System.getProperty(
              "sinkwatch.soak", Boolean.getBoolean("sinkwatch.long") ? "120" : "0.5"));

  private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(1);

  @TempDir private Path directory;

  private record Sample(double minutes, double residentMib, double threads, double fileHandles) {}

  @Test
  @Timeout(60 * (2 * 120 + 10))
  void whatItHoldsDoesNotGrow() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = KafkaSettings.of(brokers, "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      MonitorProcess monitor = // whose histories are full in the first minutes
          MonitorProcess.startToMeasure(directory, brokers, Map.of("history.points", "2000"));
      List<Sample> samples = new ArrayList<>();
      try (VerdictReader verdicts = new VerdictReader(brokers);
          SnapshotJob job = new SnapshotJob(kafka, SnapshotJob.Load.STEADY)) {
        verdicts.await(() -> verdicts.count() > 0);
        job.forget();
        long start = System.nanoTime();
        for (double minutes = 0; minutes < MINUTES; ) {
          verdicts.readFor(BETWEEN_SAMPLES);
          verdicts.forget();
          minutes = 1e-9 / 60 * (System.nanoTime() - start);
          samples.add(
              new Sample(
                  minutes,
                  monitor.residentKib() / 1024.0,
                  monitor.threads(),
                  monitor.fileHandles()));
          assertThat(monitor.isAlive()).as(monitor.said()).isTrue();
        }
        job.stop();
      } finally {
        monitor.kill();
      }
      // the first third is warm-up: compilers, caches, a heap that is touched for the first time
      List<Sample> steady = samples.subList(samples.size() / 3, samples.size());
      double resident = slope(steady, Sample::residentMib);
      double threads = slope(steady, Sample::threads);
      double handles = slope(steady, Sample::fileHandles);
      Sample last = samples.getLast();
      System.out.printf(
          Locale.ROOT,
          "soak, %.1f min: resident %.0f MiB %+.3f MiB/min, threads %.0f %+.4f/min, file handles"
              + " %.0f %+.4f/min%n",
          MINUTES,
          last.residentMib(),
          resident,
          last.threads(),
          threads,
          last.fileHandles(),
          handles);
      double span = last.minutes() - steady.getFirst().minutes();
      assertThat(threads * span).as("threads more").isLessThan(2);
      assertThat(handles * span).as("file handles more").isLessThan(4);
      if (MINUTES >= 20) { // before that the JVM itself has not come to rest
        assertThat(resident * span).as("MiB more").isLessThan(0.05 * last.residentMib());
      }
    }
  }

  /** Least squares, a minute. */
  private static double slope(List<Sample> samples, ToDoubleFunction<Sample> of) {
    double meanX = samples.stream().mapToDouble(Sample::minutes).average().orElseThrow();
    double meanY = samples.stream().mapToDouble(of).average().orElseThrow();
    double up = 0;
    double down = 0;
    for (Sample sample : samples) {
      up += (sample.minutes() - meanX) * (of.applyAsDouble(sample) - meanY);
      down += (sample.minutes() - meanX) * (sample.minutes() - meanX);
    }
    return up / down;
  }
}

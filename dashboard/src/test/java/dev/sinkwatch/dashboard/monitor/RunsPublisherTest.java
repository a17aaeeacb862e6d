package dev.sinkwatch.dashboard.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.runs.RunListener;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What follows from verdicts that are read again is told if nobody has told it. */
class RunsPublisherTest {
  private static final int STEPS = 400;

  private final List<Long> told = new ArrayList<>();
  private final RunsPublisher publisher =
      new RunsPublisher((topic, routing, key, value) -> {
        assertThat(topic).isEqualTo(Topics.VERDICTS);
        assertThat(key).isEqualTo("r#n4");
        told.add(step(Objects.requireNonNull(value)));
        return new CompletableFuture<>();
      });

  private final List<ChainVerdict> chains = chains();

  @Test
  void whatHasBeenToldIsNotToldAgain() throws IOException {
    for (ChainVerdict chain : chains) {
      publisher.ofOld(0).chain(chain);
      publisher.told(0, "r#n4", VerdictJson.bytes(VerdictJson.chain(chain)));
    }
    publisher.readAll();
    assertThat(told).isEmpty();
  }

  /** As after a run that went on for long while monitors came and fell. */
  @Test
  void whatNobodyHasToldIsToldHoweverMuchItIs() {
    chains.forEach(publisher.ofOld(0)::chain);
    publisher.readAll();
    assertThat(told).containsExactlyElementsOf(LongStream.range(0, STEPS).boxed().toList());
  }

  @Test
  void ofAnothersPartitionNothingIsTold() {
    publisher.ofOld(3).chain(chains.getFirst());
    publisher.drop(Set.of(3));
    publisher.readAll();
    assertThat(told).isEmpty();
  }

  private static long step(byte[] value) {
    try {
      return new ObjectMapper().readTree(new String(value, UTF_8)).path("step").asLong();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<ChainVerdict> chains() {
    List<ChainVerdict> chains = new ArrayList<>();
    SinkingRun run =
        new SinkingRun(
            "r",
            4,
            2,
            1000,
            new RunListener() {
              @Override
              public void layer(LayerVerdict verdict) {}

              @Override
              public void chain(ChainVerdict verdict) {
                chains.add(verdict);
              }

              @Override
              public void alarm(Alarm alarm) {}

              @Override
              public void forgotten(String name) {}
            });
    for (int step = 0; step < STEPS; step++) {
      run.step(step, 0.5);
    }
    return chains;
  }
}

package dev.sinkwatch.ingest.kafka;

import static dev.sinkwatch.ingest.kafka.TestTopic.until;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Ledger;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.StepVerifier;

/** What a {@link KafkaShardSource} cannot do, told to its subscriber. */
@Timeout(120)
final class ShardSourceRefusalsTest {
  private final TestTopic topic;

  ShardSourceRefusalsTest() throws Exception {
    topic = new TestTopic(2);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  @Test
  void deliveries_givenSecondSubscriber_refuseIt() {
    try (Member member = new Member(topic, topic.settings())) {
      StepVerifier.create(member.source().deliveries()).verifyError(IllegalStateException.class);
    }
  }

  @Test
  void deliveries_givenImpossibleSettings_failInOneLine() {
    KafkaSettings wrong = topic.settings().withPassThrough(Map.of("session.timeout.ms", "soon"));
    try (DeadLetters deadLetters = topic.deadLetters();
        KafkaShardSource source =
            new KafkaShardSource(wrong, new Ledger(), deadLetters, topic.name())) {
      StepVerifier.create(source.deliveries())
          .expectErrorSatisfies(e ->
              assertThat(e)
                  .isInstanceOf(IOException.class)
                  .hasMessageContaining("session.timeout.ms")
                  .message()
                  .doesNotContain("\n"))
          .verify();
    }
  }

  @Test
  void deliveries_givenGroupThatRefusesUs_failInOneLine() {
    // the broker's longest session is half an hour
    KafkaSettings wrong =
        topic
            .settings()
            .withPassThrough(
                Map.of("session.timeout.ms", "7200000", "max.poll.interval.ms", "7200000"));
    try (Member member = new Member(topic, wrong)) {
      until("the failure", () -> member.failure() != null);
      assertThat(requireNonNull(member.failure()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(topic.name())
          .message()
          .doesNotContain("\n");
    }
  }
}

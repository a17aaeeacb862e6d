package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.embedded.DemandingBroker;
import dev.sinkwatch.ingest.embedded.TestAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A producer whose login failed, which Kafka's idempotent producer does not get over. */
@Timeout(300)
final class SpentProducerTest {

  @Test
  void whatIsSentOnceTheLoginIsGoodAgainArrives(@TempDir Path directory) throws Exception {
    TestAuthority authority = new TestAuthority(directory, "ours");
    try (DemandingBroker broker =
            DemandingBroker.start(authority.issue("broker").both(), "sinkwatch", "before");
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.open()))) {
      admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
      KafkaSettings settings =
          KafkaSettings.of(broker.bootstrapServers(), "g")
              .withPassThrough(
                  Map.of(
                      "security.protocol",
                      "SASL_SSL",
                      "sasl.mechanism",
                      "SCRAM-SHA-512",
                      "ssl.truststore.type",
                      "PEM",
                      "ssl.truststore.location",
                      authority.certificate().toString(),
                      "sasl.jaas.config",
                      "org.apache.kafka.common.security.scram.ScramLoginModule required"
                          + " username=\"sinkwatch\" password=\"after\";",
                      "max.block.ms",
                      "5000",
                      "delivery.timeout.ms",
                      "20000",
                      "request.timeout.ms",
                      "10000"));
      try (ShardPublisher publisher = new ShardPublisher(settings, "t")) {
        assertThatThrownBy(() -> publisher.publish(TestTopic.shard("a", 0, 1)).get())
            .isInstanceOf(ExecutionException.class)
            .hasRootCauseInstanceOf(SaslAuthenticationException.class);
        admin
            .alterUserScramCredentials(
                List.of(
                    new UserScramCredentialUpsertion(
                        "sinkwatch",
                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                        "after")))
            .all()
            .get();
        TestTopic.until("it is sent", () -> arrives(publisher));
        assertThat(publisher.publish(TestTopic.shard("a", 2, 1)))
            .succeedsWithin(60, TimeUnit.SECONDS);
      }
    }
  }

  /** Whoever publishes tries again. */
  private static boolean arrives(ShardPublisher publisher) {
    try {
      publisher.publish(TestTopic.shard("a", 1, 1)).join();
      return true;
    } catch (CompletionException e) {
      assertThat(e).cause().isInstanceOf(IOException.class);
      return false;
    }
  }
}

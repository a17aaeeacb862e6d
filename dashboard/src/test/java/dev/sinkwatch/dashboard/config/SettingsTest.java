package dev.sinkwatch.dashboard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.layer.AnalysisResources;
import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.dashboard.canary.CanarySettings;
import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Shape;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {

  @Test
  void defaultsAreThoseOfTheDocumentation() throws Exception {
    Settings settings = settings(Map.of());
    assertThat(settings.kafka().bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(settings.kafka().group()).isEqualTo("sinkwatch");
    assertThat(settings.kafka().maxInFlightRecords()).isEqualTo(2000);
    assertThat(settings.kafka().maxInFlightBytes()).isLessThanOrEqualTo(768L << 20);
    assertThat(settings.replicationFactor()).isEqualTo((short) -1);
    assertThat(settings.http().listen()).isEqualTo(new Endpoint("127.0.0.1", 8321));
    assertThat(settings.analysis().profiles().match("layers.0.attn_hc.base", Shape.of(24)))
        .get()
        .extracting(Profile.Match::profile)
        .isEqualTo("deepseek-v4-hf");
    assertThat(settings.analysis().eps()).isEqualTo(0.01);
    assertThat(settings.analysis().tolerance()).isEqualTo(1e-3);
    assertThat(settings.analysis().maxPasses()).isZero();
    assertThat(settings.runs().noise().activation()).isEqualTo(Activation.BFLOAT16);
    assertThat(settings.runs().noise().amplitude()).isNull();
    assertThat(settings.runs().alarms().consecutive()).isEqualTo(3);
    assertThat(settings.runs().alarms().warmUp()).isEqualTo(5);
    assertThat(settings.maxLayers()).isEqualTo(256);
    assertThat(settings.expireAfter()).isEqualTo(Duration.ofDays(1));
    assertThat(settings.historyPoints()).isEqualTo(10_000);
    assertThat(settings.replay()).isEqualTo(Duration.ofDays(1));
    assertThat(settings.canary())
        .isEqualTo(new CanarySettings(false, Duration.ofSeconds(10), Duration.ofMinutes(1)));
  }

  @Test
  void theSecretIsDrawnAnewUnlessSaid() throws Exception {
    assertThat(settings(Map.of()).secret()).hasSize(32).isNotEqualTo(settings(Map.of()).secret());
    assertThat(settings(Map.of("analysis.secret", "abc")).secret()).containsExactly('a', 'b', 'c');
  }

  @Test
  void lanesShareTheMemoryForCertifiedSnapshots() throws Exception {
    AnalysisResources one = settings(Map.of("analysis.threads", "1")).resources();
    AnalysisResources four = settings(Map.of("analysis.threads", "4")).resources();
    assertThat(four.threads()).isEqualTo(4);
    assertThat(four.workingBytes()).as("whoever needs it").isEqualTo(one.workingBytes());
    assertThat(four.certifiedBytes()).isEqualTo(one.certifiedBytes() / 4);
    AnalysisResources check =
        Settings.resources(Configuration.read(null, Map.of(), Map.of("analysis.threads", "4")));
    assertThat(check.certifiedBytes()).as("no second snapshot comes").isZero();
    assertThat(check.workingBytes()).isGreaterThan(one.workingBytes());
  }

  @Test
  void whatKafkaIsToldReachesItsClients() throws Exception {
    Settings settings =
        settings(
            Map.of(
                "kafka.bootstrap-servers", "b:1",
                "kafka.security.protocol", "SASL_SSL",
                "kafka.sasl.jaas.config", "module required password=hunter2;"));
    assertThat(settings.kafka().consumer()).containsEntry("security.protocol", "SASL_SSL");
    assertThat(settings.kafka().producer()).containsEntry("security.protocol", "SASL_SSL");
    assertThat(settings.kafka().admin()).containsEntry("bootstrap.servers", "b:1");
    assertThat(settings.toString()).doesNotContain("hunter2");
  }

  @Test
  void shardsTakeTheirShareOfASmallHeap() {
    ShardMemory usual = new ShardMemory(256L << 20, 512L << 20);
    assertThat(usual.within(8L << 30)).isEqualTo(usual);
    ShardMemory small = usual.within(240L << 20);
    assertThat(small.inFlightBytes()).isBetween(63L << 20, 64L << 20);
    assertThat((double) small.bufferBytes() / small.ingestBytes())
        .as("a whole snapshot fits beside what comes in")
        .isCloseTo(2, within(1e-6));
    assertThat(new ShardMemory(256L << 20, 1000).within(240L << 20).bufferBytes())
        .as("little is asked for")
        .isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          eps                       | 1         | a number between 0 and 1
          eps                       | NaN       | a number between 0 and 1
          eps                       | small     | a number between 0 and 1
          tolerance                 | 0         | a number between 0 and 1
          noise.amplitude           | -1        | a number above 0
          noise.amplitude           | Infinity  | a number above 0
          activation                | int4      | float32, float16, bfloat16 or float8
          profile                   | gpt       | a file, or one of auto, tokenbender, \
          tokenbender-orthostochastic, tokenbender-orthostochastic-5, deepseek-v4, \
          deepseek-v4-isotropic, deepseek-v4-hf, \
          deepseek-v4-hf-isotropic, \
          deepseek-v4-hf-sigmoid, deepseek-v4-hf-sigmoid-isotropic, megatron, \
          megatron-isotropic, megatron-exp, megatron-exp-isotropic, maxtext, \
          maxtext-isotropic, maxtext-columns, maxtext-columns-isotropic, maxtext-lite, \
          maxtext-lite-isotropic, lucidrains, lucidrains-isotropic, mhc-lite, \
          mhc-lite-isotropic, kromhc, kromhc-isotropic, sinkformer, transport-plan, generic
          snapshot-timeout          | 5         | a time such as 500ms, 30s, 5m or 24h
          snapshot-timeout          | 0s        | more than no time
          stale-after               | -1m       | a time such as 500ms, 30s, 5m or 24h
          metrics.expire-after      | 1y        | a time such as 500ms, 30s, 5m or 24h
          analysis.max-buffer       | 1TB       | a size such as 512MiB
          analysis.max-buffer       | 0         | a size from 1B to 1048576GiB
          ingest.max-bytes          | 999999999999GiB | a size from 1B to 1048576GiB
          ingest.max-records        | 0         | a whole number of at least 1
          analysis.threads          | -1        | a whole number of at least 0
          analysis.max-passes       | 1.5       | a whole number of at least 0
          alarms.consecutive        | 99999999999 | a whole number of at least 1
          history.points            | 1         | a whole number of at least 2
          topics.replication-factor | 70000     | a whole number from -1 to 32767
          topics.replication-factor | 0         | 1 or more, or -1 for the brokers' own
          insecure                  | yes       | true or false
          canary                    | 1         | true or false
          canary.interval           | 99ms      | 100ms or more
          canary.timeout            | 999ms     | 1s or more
          listen                    | 8321      | HOST:PORT, such as 127.0.0.1:8321
          listen                    | :8321     | HOST:PORT, such as 127.0.0.1:8321
          listen                    | localhost:http | HOST:PORT, such as 127.0.0.1:8321
          listen                    | 127.0.0.1:65536 | HOST:PORT, such as 127.0.0.1:8321
          """,
      quoteCharacter = '"')
  void whatCannotBeIsToldWithWhatCould(String key, String value, String expected) {
    Map<String, String> arguments = new HashMap<>(Map.of(key, value));
    if (key.equals("insecure")) {
      arguments.put("listen", "0.0.0.0:8321");
    }
    assertThatThrownBy(() -> settings(arguments))
        .isInstanceOf(ConfigException.class)
        .hasMessage(key + " cannot be " + value + ": it must be " + expected);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8321, 127.0.0.1, 8321",
    "127.1.2.3:0, 127.1.2.3, 0",
    "localhost:80, localhost, 80",
    "[::1]:8321, ::1, 8321"
  })
  void loopbackNeedsNothingElse(String listen, String host, int port) throws Exception {
    assertThat(settings(Map.of("listen", listen)).http().listen())
        .isEqualTo(new Endpoint(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:8321", "[::]:8321", "192.0.2.1:8321"})
  void beyondLoopbackNeedsInsecure(String listen) throws Exception {
    assertThatThrownBy(() -> settings(Map.of("listen", listen)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(listen)
        .hasMessageContaining("--insecure")
        .hasMessageNotContaining("\n");
    Endpoint endpoint = settings(Map.of("listen", listen, "insecure", "true")).http().listen();
    assertThat(endpoint.port()).isEqualTo(8321);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http.users", "http.tls.client-ca", "http.tls.certificate"})
  void beyondLoopbackTlsOrUsersAreEnough(String key) throws Exception {
    Map<String, String> arguments = new HashMap<>(Map.of("listen", "0.0.0.0:8321", key, "F"));
    if (key.startsWith("http.tls")) {
      arguments.putAll(Map.of("http.tls.certificate", "C", "http.tls.key", "K"));
    }
    HttpSettings http = settings(arguments).http();
    assertThat(http.listen().loopback()).isFalse();
    assertThat(http.asks()).isEqualTo(!key.equals("http.tls.certificate"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http.tls.certificate", "http.tls.key", "http.tls.client-ca"})
  void halfOfTlsIsNone(String key) {
    assertThatThrownBy(() -> settings(Map.of(key, "F")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("TLS needs both http.tls.certificate and http.tls.key");
  }

  @Test
  void publishersNeedNoEndpoint() throws Exception {
    Configuration configuration =
        Configuration.read(
            null,
            Map.of("SINKWATCH_LISTEN", "0.0.0.0:80", "SINKWATCH_KAFKA_BOOTSTRAP_SERVERS", "b:1"),
            Map.of());
    assertThat(Settings.kafka(configuration).bootstrapServers()).isEqualTo("b:1");
  }

  private static Settings settings(Map<String, String> arguments) throws ConfigException {
    return Settings.of(Configuration.read(null, Map.of(), arguments));
  }
}

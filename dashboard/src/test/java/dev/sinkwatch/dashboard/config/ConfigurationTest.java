package dev.sinkwatch.dashboard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationTest {
  private static final Map<String, String> NONE = Map.of();

  @TempDir Path directory;

  @Test
  void defaultsHoldWhereNothingIsSaid() throws Exception {
    Configuration configuration = Configuration.read(null, NONE, NONE);
    for (Setting setting : Setting.values()) {
      assertThat(configuration.text(setting)).isEqualTo(setting.defaultText());
    }
    assertThat(configuration.kafka()).isEmpty();
  }

  @Test
  void keysAreWrittenNestedOrWithDots() throws Exception {
    Configuration configuration =
        Configuration.read(
            file(
                """
                # both ways at once
                eps: 0.05
                analysis:
                  max-buffer: 1GiB
                  threads: 3
                analysis.max-passes: 7
                kafka:
                  bootstrap-servers: [one:9092, two:9092]
                  security.protocol: SASL_SSL
                  sasl:
                    mechanism: PLAIN
                insecure: true
                group:
                """),
            NONE,
            NONE);
    assertThat(configuration.text(Setting.EPS)).isEqualTo("0.05");
    assertThat(configuration.size(Setting.ANALYSIS_MAX_BUFFER)).isEqualTo(1L << 30);
    assertThat(configuration.integer(Setting.ANALYSIS_THREADS, 0)).isEqualTo(3);
    assertThat(configuration.integer(Setting.ANALYSIS_MAX_PASSES, 0)).isEqualTo(7);
    assertThat(configuration.text(Setting.KAFKA_BOOTSTRAP_SERVERS)).isEqualTo("one:9092,two:9092");
    assertThat(configuration.flag(Setting.INSECURE)).isTrue();
    assertThat(configuration.text(Setting.GROUP)).isEqualTo("sinkwatch");
    assertThat(configuration.kafka())
        .isEqualTo(Map.of("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"));
  }

  @Test
  void eachSettingHasAnEnvironmentVariable() throws Exception {
    for (Setting setting : Setting.values()) {
      Configuration configuration =
          Configuration.read(null, Map.of(setting.variable(), "said"), NONE);
      assertThat(configuration.text(setting)).isEqualTo("said");
      assertThat(configuration.kafka()).isEmpty();
    }
    assertThat(Setting.KAFKA_BOOTSTRAP_SERVERS.variable())
        .isEqualTo("SINKWATCH_KAFKA_BOOTSTRAP_SERVERS");
  }

  @Test
  void kafkasOwnVariablesPassThrough() throws Exception {
    Configuration configuration =
        Configuration.read(
            null,
            Map.of(
                "SINKWATCH_KAFKA_SECURITY_PROTOCOL",
                "SASL_SSL",
                "SINKWATCH_KAFKA_SASL_JAAS_CONFIG",
                "org.example.Module required;",
                "SINKWATCH_KAFKA_MAX_POLL_RECORDS",
                ""),
            NONE);
    assertThat(configuration.kafka())
        .isEqualTo(
            Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.jaas.config", "org.example.Module required;"));
  }

  @Test
  void variablesOfOthersAreNoSettings() throws Exception {
    Configuration configuration =
        Configuration.read(
            null,
            Map.of(
                "SINKWATCH_JAVA_OPTS", "-Xmx1g",
                "SINKWATCH_PORT", "tcp://10.0.0.1:8321",
                "SINKWATCH_KAFKA_SERVICE_HOST", "10.0.0.2",
                "SINKWATCH_KAFKA_SERVICE_PORT_PLAIN", "9092",
                "SINKWATCH_KAFKA_PORT_9092_TCP_ADDR", "10.0.0.2",
                "SINKWATCH_SNAPSHOT_TIMOUT", "1m",
                "PATH", "/bin"),
            NONE);
    assertThat(configuration.kafka()).isEmpty();
    assertThat(configuration.text(Setting.SNAPSHOT_TIMEOUT)).isEqualTo("5m");
  }

  @Test
  void theLaterWins() throws Exception {
    Path file = file("eps: 0.1\nprofile: generic\ngroup: file\nkafka.linger.ms: 1\n");
    Map<String, String> environment =
        Map.of(
            "SINKWATCH_EPS", "0.2",
            "SINKWATCH_GROUP", "environment",
            "SINKWATCH_PROFILE", "",
            "SINKWATCH_KAFKA_LINGER_MS", "2");
    Configuration configuration =
        Configuration.read(file, environment, Map.of("eps", "0.3", "kafka.client.rack", "r"));
    assertThat(configuration.text(Setting.EPS)).isEqualTo("0.3");
    assertThat(configuration.text(Setting.GROUP)).isEqualTo("environment");
    assertThat(configuration.text(Setting.PROFILE)).isEqualTo("generic");
    assertThat(configuration.kafka()).isEqualTo(Map.of("linger.ms", "2", "client.rack", "r"));
  }

  @Test
  void unknownKeysAreRefusedWhereverTheyAre() throws Exception {
    Path file = file("analysis:\n  max-bufer: 1GiB\n");
    refused(file, NONE, NONE)
        .hasMessage(
            file
                + ": there is no setting analysis.max-bufer; docs/configuration.md lists them all");
    refused(null, NONE, Map.of("epsilon", "0.1"))
        .hasMessage("there is no setting epsilon; docs/configuration.md lists them all");
  }

  @Test
  void allUnknownKeysAreToldAtOnce() throws Exception {
    Path file =
        file("listn: 127.0.0.1:1\neps: 0.1\nanalysis:\n  max-bufer: 1GiB\nkafka.rack: r\nepz: 1\n");
    refused(file, NONE, NONE)
        .hasMessage(
            file
                + ": there are no settings analysis.max-bufer, epz, listn;"
                + " docs/configuration.md lists them all");
    refused(null, NONE, Map.of("b", "1", "a", "2"))
        .hasMessage("there are no settings a, b; docs/configuration.md lists them all");
  }

  @Test
  void whatSinkwatchSaysToKafkaItselfIsRefused() throws Exception {
    refused(null, NONE, Map.of("kafka.bootstrap.servers", "b:9092"))
        .hasMessage("kafka.bootstrap.servers cannot be set: say kafka.bootstrap-servers");
    refused(null, Map.of("SINKWATCH_KAFKA_GROUP_ID", "g"), NONE)
        .hasMessage("SINKWATCH_KAFKA_GROUP_ID: kafka.group.id cannot be set: say group");
    refused(null, NONE, Map.of("kafka.enable.auto.commit", "true"))
        .hasMessage("kafka.enable.auto.commit cannot be set: sinkwatch rests on its own");
  }

  @Test
  void aFileThatCannotBeReadIsToldInOneLine() throws Exception {
    Path missing = directory.resolve("none.yaml");
    refused(missing, NONE, NONE).hasMessage(missing + ": no such file");
    refused(directory, NONE, NONE).hasMessage(directory + ": cannot be read: Is a directory");
    Path list = file("- eps\n- 0.1\n");
    refused(list, NONE, NONE).hasMessage(list + ": keys and values are expected");
    Path twice = file("eps: 0.1\nanalysis.threads: 1\nanalysis: {threads: 2}\n");
    refused(twice, NONE, NONE).hasMessage(twice + ": analysis.threads is there twice");
    Path itself = file("kafka: &k\n  more: *k\n");
    refused(itself, NONE, NONE)
        .hasMessageContaining("must have a plain value")
        .hasMessageNotContaining("\n");
    Path binary = Files.write(directory.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0, 1});
    refused(binary, NONE, NONE).hasMessage(binary + ": not YAML: it is not UTF-8");
    Path bell = file("eps: \"\u0007\"\n");
    refused(bell, NONE, NONE).hasMessage(bell + ": not YAML: it has control characters");
    assertThat(Configuration.read(file("# nothing yet\n"), NONE, NONE).kafka()).isEmpty();
  }

  @Test
  void brokenYamlIsToldWithItsLineAndWithoutItsSecrets() throws Exception {
    Path tab = file("eps: 0.1\nkafka:\n  sasl.jaas.config: \"user password=hunter2\n");
    refused(tab, NONE, NONE)
        .hasMessageStartingWith(tab + ": not YAML, line ")
        .hasMessageNotContaining("hunter2")
        .hasMessageNotContaining("\n");
    Path colon = file("kafka:\n  ssl.key.password: hunter2: x\n");
    refused(colon, NONE, NONE)
        .hasMessage(colon + ": not YAML, line 2: mapping values are not allowed here");
  }

  private Path file(String text) throws IOException {
    Path file = Files.createTempFile(directory, "config", ".yaml");
    return Files.writeString(file, text);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      @org.jspecify.annotations.Nullable Path file,
      Map<String, String> environment,
      Map<String, String> arguments) {
    return assertThatThrownBy(() -> Configuration.read(file, environment, arguments))
        .isInstanceOf(ConfigException.class);
  }
}

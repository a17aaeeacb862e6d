package dev.sinkwatch.dashboard.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.Main;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.embedded.DemandingBroker;
import dev.sinkwatch.ingest.embedded.TestAuthority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against brokers that ask for TLS and a password, by what a user would write. */
@Timeout(600)
class DemandingBrokerTest {
  private static final String PASSWORD = "s3cret-of-the-brokers";
  private static final String WRONG = "not-the-s3cret";
  private static final String INCUBATING =
      "WARNING: Using incubator modules: jdk.incubator.vector\n";
  private static final int N = 4;

  @TempDir private static Path directory;
  private static TestAuthority authority;
  private static TestAuthority stranger;
  private static DemandingBroker broker;
  private static Path checkpoint;

  private record Said(int code, String out, String err) {

    void oneLineWithoutSecrets() {
      assertThat(code).isEqualTo(1);
      assertThat(err.lines()).singleElement().asString().startsWith("sinkwatch: Kafka at ");
      assertThat(out).isEmpty();
      noSecrets();
    }

    void noSecrets() {
      assertThat(out + err).doesNotContain(PASSWORD).doesNotContain(WRONG);
      assertThat(err).doesNotContain("\tat ").doesNotContain("Exception");
    }
  }

  @BeforeAll
  static void start() throws Exception {
    authority = new TestAuthority(directory, "ours");
    stranger = new TestAuthority(directory, "theirs");
    broker = DemandingBroker.start(authority.issue("broker").both(), "sinkwatch", PASSWORD);
    checkpoint = checkpoint();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static Path checkpoint() throws Exception {
    ByteBuffer values = ByteBuffer.allocate(4 * N * N).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      values.putFloat(1f / N);
    }
    byte[] header =
        "{\"blocks.0.mixer\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}"
            .formatted(Dtype.F32, N, N, 4 * N * N)
            .getBytes(UTF_8);
    Path file = directory.resolve("step-7.safetensors");
    Files.write(
        file,
        ByteBuffer.allocate(8 + header.length + values.capacity())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(values.flip())
            .array());
    return file;
  }

  private static Map<String, String> settings(String password, Path ca) {
    return Map.of(
        "kafka.security.protocol", "SASL_SSL",
        "kafka.sasl.mechanism", "SCRAM-SHA-512",
        "kafka.ssl.truststore.type", "PEM",
        "kafka.ssl.truststore.location", ca.toString(),
        "kafka.sasl.jaas.config",
            jaas("org.apache.kafka.common.security.scram.ScramLoginModule", password));
  }

  private static String jaas(String module, String password) {
    return module + " required username=\"sinkwatch\" password=\"" + password + "\";";
  }

  /** Runs a command in a process of its own, those settings in a file, as one keeps secrets. */
  private static Said run(Map<String, String> settings, String... command) throws Exception {
    List<String> lines = new ArrayList<>(List.of("listen: 127.0.0.1:0"));
    settings.forEach((key, value) -> lines.add(key + ": '" + value + "'"));
    Path config = Files.createTempFile(directory, "config", ".yaml");
    Files.write(config, lines);
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(
        List.of("--config", config.toString(), "--bootstrap-servers", broker.bootstrapServers()));
    List<String> java =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", // what takes a TLS alert for a length dies of it
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--add-modules=jdk.incubator.vector",
                "-Dlog4j2.configurationFile=classpath:log4j2.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    java.addAll(all);
    Path out = Files.createTempFile(directory, "out", ".txt");
    Path err = Files.createTempFile(directory, "err", ".txt");
    Process process =
        new ProcessBuilder(java).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("it ends").isTrue();
    return new Said(
        process.exitValue(), Files.readString(out), Files.readString(err).replace(INCUBATING, ""));
  }

  private static String[] command(String name) {
    return name.equals("publish")
        ? new String[] {name, checkpoint.toString(), "--run", "r"}
        : new String[] {name};
  }

  @Test
  void allWorksWithTheRightCredentials() throws Exception {
    Map<String, String> settings = settings(PASSWORD, authority.certificate());
    Map<String, String> all = new HashMap<>(settings);
    all.put("kafka.bootstrap-servers", broker.bootstrapServers());
    all.put("listen", "127.0.0.1:0");
    try (Monitor monitor = Monitor.start(Settings.of(Configuration.read(null, Map.of(), all)));
        HttpClient http = HttpClient.newHttpClient()) {
      await(monitor::ready);
      Said published = run(settings, command("publish"));
      assertThat(published.code()).as(published.err()).isZero();
      published.noSecrets();
      await(() ->
          get(http, monitor.url() + "/api/v1/runs/r/history?layer=blocks.0.mixer").contains("[7]"));
      assertThat(run(settings, command("rejected")).out()).isEqualTo("nothing rejected\n");
      assertThat(get(http, monitor.url() + "/metrics"))
          .contains("sinkwatch_snapshots_analyzed_total 1")
          .doesNotContain(PASSWORD);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"monitor", "publish", "rejected"})
  void aWrongPasswordIsOneLine(String command) throws Exception {
    Said said = run(settings(WRONG, authority.certificate()), command(command));
    said.oneLineWithoutSecrets();
    assertThat(said.err())
        .contains("kafka.sasl.jaas.config or kafka.sasl.mechanism: ")
        .contains("uthentication failed")
        .contains("SCRAM-SHA-512");
  }

  @Test
  void aMechanismThatBrokersDoNotHaveIsOneLine() throws Exception {
    Map<String, String> settings = new HashMap<>(settings(PASSWORD, authority.certificate()));
    settings.put("kafka.sasl.mechanism", "PLAIN");
    settings.put(
        "kafka.sasl.jaas.config",
        jaas("org.apache.kafka.common.security.plain.PlainLoginModule", PASSWORD));
    Said said = run(settings, command("publish"));
    said.oneLineWithoutSecrets();
    assertThat(said.err()).contains("kafka.sasl.mechanism: ").contains("[SCRAM-SHA-512]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"monitor", "publish", "rejected"})
  void anUntrustedCertificateIsOneLine(String command) throws Exception {
    Said said = run(settings(PASSWORD, stranger.certificate()), command(command));
    said.oneLineWithoutSecrets();
    assertThat(said.err()).contains("SSL handshake failed").contains("unable to find valid certif");
  }

  @ParameterizedTest
  @ValueSource(strings = {"monitor", "publish", "rejected"})
  void noTlsWhereTlsIsAskedForIsOneLine(String command) throws Exception {
    Said said = run(Map.of(), command(command));
    said.oneLineWithoutSecrets();
    assertThat(said.err()).contains("kafka.security.protocol");
  }

  @Test
  void aMissingAuthorityIsOneLine() throws Exception {
    Said said = run(settings(PASSWORD, directory.resolve("none.pem")), command("publish"));
    said.oneLineWithoutSecrets();
    assertThat(said.err()).contains("none.pem");
  }

  /** It fetches and runs what a directory server says (CVE-2023-25194). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "com.sun.security.auth.module.JndiLoginModule",
        "com.sun.security.auth.module.LdapLoginModule"
      })
  void loginModulesThatFetchCodeAreRefused(String module) throws Exception {
    Map<String, String> settings = new HashMap<>(settings(PASSWORD, authority.certificate()));
    settings.put("kafka.sasl.jaas.config", jaas(module, PASSWORD));
    for (String command : List.of("monitor", "publish", "rejected")) {
      Said said = run(settings, command(command));
      said.oneLineWithoutSecrets();
      assertThat(said.err()).contains(module + " is not allowed");
    }
  }

  private static String get(HttpClient http, String url) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within a minute and a half").isLessThan(end);
      Thread.sleep(200);
    }
  }
}

package dev.sinkwatch.dashboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the door is told before anybody asks Kafka. */
@Timeout(120)
class MonitorDoorTest {
  @TempDir private Path directory;

  private static String refused(String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of("monitor", "--bootstrap-servers", "127.0.0.1:1", "--listen", settings[0]));
    for (int i = 1; i < settings.length; i++) {
      arguments.addAll(List.of("--set", settings[i]));
    }
    StringWriter err = new StringWriter();
    int code =
        Sinkwatch.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err, true),
            arguments.toArray(String[]::new));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).hasLineCount(1);
    return err.toString().strip();
  }

  @Test
  void everyAddressButLoopbackIsRefusedWithoutTlsUsersOrASay() {
    assertThat(refused("0.0.0.0:0"))
        .isEqualTo(
            "sinkwatch: anybody who reaches 0.0.0.0:0 could read everything; set http.users or"
                + " http.tls.client-ca, say --insecure if that is meant, or listen on 127.0.0.1");
    assertThat(refused("0.0.0.0:0", "insecure=true"))
        .isEqualTo(
            "sinkwatch: Kafka at 127.0.0.1:1: cannot look up sinkwatch.weights: no broker answers");
  }

  @Test
  void aPortThatIsTakenIsToldBeforeABrokerStarts() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String listen = "127.0.0.1:" + taken.getLocalPort();
      String line = "sinkwatch: " + listen + " is taken; choose another with --listen HOST:PORT";
      assertThat(refused(listen)).isEqualTo(line); // and not that no broker answers
      String port = String.valueOf(taken.getLocalPort()); // the broker would say that it is taken
      assertThat(
              Said.by(
                      "monitor",
                      "--embedded-kafka",
                      "--embedded-kafka-port",
                      port,
                      "--listen",
                      listen)
                  .err())
          .containsExactly(line);
      assertThat(Said.by("demo", "--listen", listen).err()).containsExactly(line);
    }
  }

  @Test
  void filesThatAreWrongAreToldFirst() throws Exception {
    Path users = directory.resolve("users.yaml");
    assertThat(refused("127.0.0.1:0", "http.users=" + users))
        .isEqualTo("sinkwatch: " + users + ": no such file");
    Files.writeString(users, "alice: {hash: hunter2, role: viewer}");
    assertThat(refused("127.0.0.1:0", "http.users=" + users))
        .startsWith("sinkwatch: " + users + ": user alice: hash must be what")
        .doesNotContain("hunter2");
    assertThat(refused("127.0.0.1:0", "http.tls.certificate=" + users, "http.tls.key=" + users))
        .isEqualTo("sinkwatch: " + users + ": no certificate in PEM");
    assertThat(refused("127.0.0.1:0", "http.unix-socket=" + users))
        .isEqualTo("sinkwatch: " + users + ": is there already, and no socket");
    assertThat(refused("127.0.0.1:0", "http.ingest-max-bytes=x"))
        .contains("http.ingest-max-bytes")
        .contains("a size such as 512MiB");
  }
}

package dev.sinkwatch.ingest.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedBrokerTest {

  @Test
  void close_leavesNeitherThreadNorDirectory() throws Exception {
    Set<Thread> before = threads();
    EmbeddedBroker broker = EmbeddedBroker.start(0, null);
    assertThat(broker.directory()).isNotEmptyDirectory();
    createTopic(broker, "t");

    broker.close();
    broker.close();

    assertThat(broker.directory()).doesNotExist();
    Set<Thread> left = threads();
    left.removeAll(before);
    for (Thread thread : left) {
      // threads that were told to stop may still be on their way out
      thread.join(5000);
    }
    left.removeIf(thread -> !thread.isAlive());
    assertThat(left).isEmpty();
  }

  @Test
  void start_givenTakenPort_saysSoInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> EmbeddedBroker.start(port, null))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Integer.toString(port))
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void start_givenDirectory_keepsItsTopicsOverRestarts(@TempDir Path dir) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, dir)) {
      createTopic(broker, "kept");
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, dir);
        Admin admin = admin(broker)) {
      assertThat(admin.listTopics().names().get()).contains("kept");
      assertThatThrownBy(() -> EmbeddedBroker.start(0, dir))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(dir.toString());
    }
    assertThat(dir).isNotEmptyDirectory();
  }

  @Test
  void start_deletesWhatAKilledProcessLeftAndNothingElse() throws Exception {
    Path killed = temporary(true);
    Path foreign = temporary(false);
    Path used = temporary(true);
    String hold =
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
            + " print('held', flush=True); sys.stdin.read()";
    Process holder =
        new ProcessBuilder(
                "/usr/bin/python3", "-c", hold, used.resolve("sinkwatch.lock").toString())
            .start();
    Path link =
        Files.createSymbolicLink(
            killed.resolveSibling("sinkwatch-kafka-" + UUID.randomUUID()), foreign);
    try (BufferedReader said = holder.inputReader()) {
      assertThat(said.readLine()).isEqualTo("held");
      try (EmbeddedBroker first = EmbeddedBroker.start(0, null);
          EmbeddedBroker second = EmbeddedBroker.start(0, null)) {
        assertThat(killed).doesNotExist();
        assertThat(foreign).isNotEmptyDirectory();
        assertThat(used).isNotEmptyDirectory();
        assertThat(first.directory()).isNotEmptyDirectory();
        assertThat(second.directory()).isNotEmptyDirectory();
      }
    } finally {
      holder.destroyForcibly();
      Files.delete(link);
      for (Path left : List.of(foreign, used)) {
        Files.delete(left.resolve("t-0/00000000000000000000.log"));
        Files.delete(left.resolve("t-0"));
        Files.deleteIfExists(left.resolve("sinkwatch.lock"));
        Files.delete(left);
      }
    }
  }

  /** As a broker leaves it whose process is killed. */
  private static Path temporary(boolean locked) throws IOException {
    Path directory = Files.createTempDirectory("sinkwatch-kafka-");
    Files.createDirectories(directory.resolve("t-0"));
    Files.writeString(directory.resolve("t-0/00000000000000000000.log"), "records");
    if (locked) {
      Files.writeString(directory.resolve("sinkwatch.lock"), "");
    }
    return directory;
  }

  private static void createTopic(EmbeddedBroker broker, String name) throws Exception {
    try (Admin admin = admin(broker)) {
      admin.createTopics(List.of(new NewTopic(name, 2, (short) 1))).all().get();
    }
  }

  private static Admin admin(EmbeddedBroker broker) {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.isDaemon())
        .collect(Collectors.toSet());
  }
}

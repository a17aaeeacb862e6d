package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.dashboard.SafetensorsBody;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Unix socket beside the port, with curl as a client. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnixSocketTest {
  @TempDir private Path directory;

  private DoorUnderTest open(Path socket) throws IOException {
    try {
      return new DoorUnderTest(
          new HttpSettings(new Endpoint("127.0.0.1", 0), null, null, socket, 0),
          UploadLimits.ofHeap());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** What curl says: the body, and the status on a line of its own. */
  private static String curl(Path socket, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "-m",
                "60",
                "--unix-socket",
                socket.toString(),
                "-w",
                "\n%{http_code}"));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void curlReadsAndPublishesThroughItAndItGoesWithTheMonitor() throws Exception {
    Path socket = directory.resolve("sinkwatch.sock");
    Path file = directory.resolve("body.safetensors");
    int n = 700;
    Files.write(
        file,
        new SafetensorsBody()
            .matrix("w", n, new float[n * n])
            .matrix("v", n, new float[n * n])
            .bytes());
    try (DoorUnderTest door = open(socket)) {
      assertThat(Files.getPosixFilePermissions(socket))
          .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
      assertThat(curl(socket, "http://localhost/health/live")).isEqualTo("{\"live\":true}\n200");
      // whatever name it has there: no page elsewhere reaches a file
      assertThat(curl(socket, "http://monitor/health/live")).endsWith("\n200");
      assertThat(curl(socket, "http://localhost/nowhere")).endsWith("\n404");
      String published =
          curl(
              socket,
              "--data-binary",
              "@" + file,
              "-H",
              "Content-Type: application/octet-stream",
              "http://localhost/api/v1/runs/job/steps/3");
      assertThat(published)
          .isEqualTo(
              "{\"run\":\"job\",\"step\":3,\"tensors\":2,\"shards\":6,\"bytes\":3920000,"
                  + "\"leftOut\":[]}\n202");
      assertThat(door.shards.kept).hasSize(6);
      assertThat(door.get("/health/live").statusCode()).isEqualTo(200);
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void whatADeadMonitorLeftIsReplacedAndALivingOneIsNot() throws Exception {
    Path socket = directory.resolve("s");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    try (DoorUnderTest _ = open(socket)) {
      assertThat(curl(socket, "http://localhost/health/live")).endsWith("200");
      assertThatThrownBy(() -> open(socket))
          .isInstanceOf(IOException.class)
          .hasMessage(
              socket
                  + " is taken by a process that listens on it; choose another with --listen-unix"
                  + " PATH");
      assertThat(curl(socket, "http://localhost/health/live")).endsWith("200");
      // another one's, which the first does not take away
      Files.delete(socket);
      Files.createFile(socket);
    }
    assertThat(socket).exists();
  }

  /** It is made elsewhere in its directory, under a path that must not be too long either. */
  @Test
  void whatTheCheckLetsPassCanBeListenedOn() throws Exception {
    int own = directory.toString().length();
    Path deep = Files.createDirectory(directory.resolve("d".repeat(94 - own - 1)));
    try (DoorUnderTest _ = open(deep.resolve("s"))) {
      assertThat(curl(deep.resolve("s"), "http://localhost/health/live")).endsWith("200");
    }
    Path deeper = Files.createDirectory(directory.resolve("d".repeat(95 - own - 1)));
    assertThatThrownBy(() -> open(deeper.resolve("s")))
        .hasMessage(
            deeper.resolve("s")
                + ": the path of its directory is longer than a socket allows, 94 bytes");
  }

  @Test
  void whatIsInTheWayIsToldInOneLine() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> open(file)).hasMessage(file + ": is there already, and no socket");
    Path nowhere = directory.resolve("no/where");
    assertThatThrownBy(() -> open(nowhere))
        .hasMessage(nowhere + ": there is no directory " + nowhere.getParent());
    Path far = directory.resolve("x".repeat(120));
    assertThatThrownBy(() -> open(far))
        .hasMessage(far + ": longer than the path of a socket may be, 103 bytes");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }
}

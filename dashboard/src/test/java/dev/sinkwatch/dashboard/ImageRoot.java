package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the Dockerfile makes, without Docker: a plain Debian root with what {@code
 * docker/build-root.sh} adds to it. Commands run in it as a container's do: as a user without
 * rights, on a root that cannot be written, with a /tmp of their own.
 */
final class ImageRoot {
  private static final Path DOCKER = Path.of("../docker").toAbsolutePath().normalize();
  private static final String ENTER =
      """
      mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount -t proc proc "$0/proc" \
      && mount -t tmpfs tmpfs "$0/tmp" && exec chroot --userspec=8321:8321 "$0" "$@"
      """;

  private final Path root;

  private ImageRoot(Path root) {
    this.root = root;
  }

  /**
   * Makes it; Debian itself is kept for the next time.
   *
   * @param lib the jars that the build has made
   */
  static ImageRoot build(Path root, Path lib) throws Exception {
    if (!Files.exists(root.resolve("etc/debian_version"))) {
      run("debootstrap", "--variant=minbase", "bookworm", root.toString());
    }
    run(
        DOCKER.resolve("build-root.sh").toString(),
        root.toString(),
        System.getProperty("java.home"),
        lib.toString());
    return new ImageRoot(root);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ":\n" + said);
    }
  }

  Process start(File said, List<String> environment, String... command) throws IOException {
    List<String> whole =
        new ArrayList<>(
            List.of("unshare", "--mount", "--propagation", "private", "bash", "-c", ENTER));
    whole.addAll(List.of(root.toString(), "/usr/bin/env", "-i"));
    whole.addAll(environment);
    whole.addAll(List.of(command));
    return new ProcessBuilder(whole)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(said))
        .start();
  }

  /** Size of what lies under one of its directories. */
  long mib(String directory) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(directory))) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes >> 20;
    }
  }
}

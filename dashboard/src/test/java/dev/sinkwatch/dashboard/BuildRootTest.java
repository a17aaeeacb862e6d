package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the image is built by removes nothing before it knows that it can go on. */
class BuildRootTest {
  private static final Path JDK = Path.of(System.getProperty("java.home"));

  @TempDir private Path root;
  private Path kept;
  private Path lib;

  @BeforeEach
  void whatIsThere() throws Exception {
    Path target = Files.createDirectories(root.resolve("opt/sinkwatch/jdk/bin"));
    Files.createSymbolicLink(target.resolve("jlink"), Path.of("/bin/true"));
    kept = Files.createFile(root.resolve("opt/sinkwatch/kept"));
    lib = Files.createDirectories(root.resolve("lib"));
    Files.createFile(lib.resolve("a.jar"));
  }

  @Test
  void whatIsNoJdkIsRefused() throws Exception {
    refused("", lib, "no JDK: '' has no bin/jlink");
    refused(lib.toString(), lib, "no JDK: '" + lib + "' has no bin/jlink");
  }

  @Test
  void whatWouldBeRemovedItselfIsRefused() throws Exception {
    Path target = root.resolve("opt/sinkwatch");
    Path inside = target.resolve("jdk");
    refused(
        inside.toString(),
        lib,
        "the JDK " + inside + " is within " + target + ", which is replaced");
    Path jars = Files.createDirectories(target.resolve("lib"));
    Files.createFile(jars.resolve("a.jar"));
    refused(
        JDK.toString(),
        jars,
        "the jars of " + jars + " are within " + target + ", which is replaced");
  }

  @Test
  void aBuildThatHasNotBeenIsRefused() throws Exception {
    Path none = root.resolve("none");
    refused(
        JDK.toString(), none, "no jars in '" + none + "': build first, with ./sinkwatch --version");
  }

  private void refused(String jdk, Path jars, String line) throws Exception {
    Process process =
        new ProcessBuilder("../docker/build-root.sh", root.toString(), jdk, jars.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(said).isEqualTo("build-root.sh: " + line + "\n");
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(kept).exists();
  }
}

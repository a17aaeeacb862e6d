package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * JVMs that tests start. They load their classes from an archive of those that a demo loaded, which
 * is monitor, job and broker at once: so they are up in half of the time, and leave the processors
 * to what is measured.
 */
final class ChildJvm {
  private static final Path KEPT = Path.of("target", "child-jvm");
  private static final Path ARCHIVE = KEPT.resolve("classes.jsa");

  /** The class path that the archive is of; there once the archive is whole. */
  private static final Path OF = KEPT.resolve("of.txt");

  private static @Nullable String classPath;

  private ChildJvm() {}

  /**
   * To be followed by the program's arguments.
   *
   * @param options of the JVM
   */
  static List<String> command(Class<?> main, String... options)
      throws IOException, InterruptedException {
    String archived = classPath();
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("-XX:SharedArchiveFile=" + ARCHIVE);
    command.addAll(List.of(options));
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", archived, main.getName()));
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static synchronized String classPath() throws IOException, InterruptedException {
    if (classPath == null) {
      Files.createDirectories(KEPT);
      classPath = kept();
    }
    return classPath;
  }

  /** The archive keeps classes from jars alone. One JVM that runs tests makes it, others wait. */
  private static String kept() throws IOException, InterruptedException {
    try (FileChannel lock =
            FileChannel.open(
                KEPT.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = lock.lock()) {
      List<String> jars = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        Path path = Path.of(entry);
        jars.add(Files.isDirectory(path) ? jar(path).toString() : entry);
      }
      String all = String.join(File.pathSeparator, jars);
      if (!Files.exists(OF) || !Files.readString(OF).equals(all)) {
        Files.deleteIfExists(OF);
        archive(all);
        Files.writeString(OF, all);
      }
      return all;
    }
  }

  /** With the time of its newest file in its name. */
  private static Path jar(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    long newest = 0;
    for (Path file : files) {
      newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
    }
    String name = directory.toString().replaceAll("\\W+", "-");
    Path jar = KEPT.resolve(name + "-" + files.size() + "-" + newest + ".jar").toAbsolutePath();
    if (!Files.exists(jar)) {
      Path part = KEPT.resolve("part");
      try (OutputStream out = Files.newOutputStream(part);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        for (Path file : files) {
          zip.putNextEntry(
              new ZipEntry(directory.relativize(file).toString().replace(File.separatorChar, '/')));
          Files.copy(file, zip);
        }
      }
      Files.move(part, jar);
    }
    return jar;
  }

  private static void archive(String jars) throws IOException, InterruptedException {
    Files.deleteIfExists(ARCHIVE);
    Path said = KEPT.resolve("archiving.txt");
    Process demo =
        new ProcessBuilder(
                java(),
                "-XX:ArchiveClassesAtExit=" + ARCHIVE,
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                jars,
                Main.class.getName(),
                "demo",
                "--listen",
                "127.0.0.1:0",
                "--pace",
                "50")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try (MonitorProcess monitor = new MonitorProcess(demo, said.toFile())) {
      MonitorUnderTest.await(
          "verdicts of a demo",
          Duration.ofMinutes(10),
          () -> {
            assertThat(demo.isAlive()).as(said.toString()).isTrue();
            return monitor.value("sinkwatch_shards_total{outcome=\"analyzed\"}") > 100;
          });
      demo.destroy();
      assertThat(demo.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(ARCHIVE).as(said.toString()).exists();
    }
  }
}

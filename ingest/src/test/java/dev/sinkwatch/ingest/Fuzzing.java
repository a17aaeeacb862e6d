package dev.sinkwatch.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs Jazzer over a class with a method {@code public static void fuzzerTestOneInput(byte[])} in a
 * process of its own, whose instrumentation so touches no other test. What that method throws is a
 * finding.
 */
public final class Fuzzing {

  private static final int SECONDS = Boolean.getBoolean("sinkwatch.long") ? 60 : 5;
  private static final Pattern DONE =
      Pattern.compile("#(\\d+)\\s+DONE +cov: (\\d+) ft: \\d+ corp: (\\d+)/");

  private final Class<?> target;
  private final String instrumented;

  /**
   * A target.
   *
   * @param instrumented packages whose branches guide it, as {@code a.b.**:c.**}
   */
  public Fuzzing(Class<?> target, String instrumented) {
    this.target = target;
    this.instrumented = instrumented;
  }

  /** A property that every input has, whether it is accepted or refused. */
  public static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** That a refusal can be told in one line. */
  public static void requireLine(Throwable refusal) {
    String line = String.valueOf(refusal.getMessage());
    require(!line.isBlank() && !line.equals("null"), "says nothing: " + refusal.getClass());
    require(line.chars().noneMatch(Character::isISOControl), "not one line: " + line);
  }

  /**
   * Fuzzes for some seconds, or for a minute where tests may take long, and prints what came of it.
   *
   * @param directory for what Jazzer writes
   * @return the inputs that went new ways, the seeds among them
   */
  public List<byte[]> run(Path directory, List<byte[]> seeds)
      throws IOException, InterruptedException {
    Path corpus = Files.createDirectory(directory.resolve("corpus"));
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(corpus.resolve("seed-" + i), seeds.get(i));
    }
    Path said = directory.resolve("said.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=" + instrumented,
                "-artifact_prefix=" + directory + "/",
                "-max_total_time=" + SECONDS,
                "-timeout=10",
                corpus.toString()));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    int exit = process.waitFor();
    List<String> lines = Files.readAllLines(said, UTF_8);
    assertThat(exit)
        .as(
            "Jazzer: %s",
            String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size())))
        .isZero();
    Matcher done = DONE.matcher(String.join("\n", lines));
    assertThat(done.find()).as("its last line").isTrue();
    System.out.printf(
        "fuzzed %s: %s executions in %d s, %s edges covered, by %s inputs%n",
        target.getSimpleName(), done.group(1), SECONDS, done.group(2), done.group(3));
    List<byte[]> inputs = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(corpus)) {
      for (Path file : files) {
        inputs.add(Files.readAllBytes(file));
      }
    }
    return inputs;
  }

  /** Texts as seeds. */
  public static List<byte[]> seeds(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
  }
}

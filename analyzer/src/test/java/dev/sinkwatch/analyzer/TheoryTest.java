package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The claims of {@code docs/theory.md}, by the simulation that draws its plots. */
class TheoryTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void eachClaimOfThePageHolds(@TempDir Path plots) throws Exception {
    Process process =
        new ProcessBuilder(ROOT.resolve("bench/theory").toString(), plots.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.startsWith("holds"))).hasSizeGreaterThan(15);
    String page = Files.readString(ROOT.resolve("docs/theory.md"));
    try (var made = Files.list(plots)) {
      assertThat(made.map(plot -> "(theory/" + plot.getFileName() + ")"))
          .isNotEmpty()
          .allMatch(page::contains);
    }
  }
}

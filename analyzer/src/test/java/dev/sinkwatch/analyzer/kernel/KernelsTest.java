package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.layer.OneSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelsTest {

  @TempDir Path directory;

  @Test
  void vectorsAreTakenWhereTheirModuleIs() {
    assertThat(Kernels.vectors()).isTrue();
    assertThat(Kernels.best()).isInstanceOf(VectorKernel.class);
    assertThat(Kernels.description()).matches("\\d+-bit vectors");
  }

  @Test
  void withoutTheModuleOneWarningSaysSoAndTheFiguresAreTheSame() throws Exception {
    assertPlainLoops(List.of(), "without --add-modules jdk.incubator.vector");
  }

  @ParameterizedTest
  @CsvSource({
    "-Dsinkwatch.plain-loops=true, sinkwatch.plain-loops is set",
    "-XX:TieredStopAtLevel=1, started with -XX:TieredStopAtLevel=1",
  })
  void soItIsWhereVectorsAreNotWorthIt(String option, String reason) throws Exception {
    assertPlainLoops(List.of("--add-modules=jdk.incubator.vector", option), reason);
  }

  private void assertPlainLoops(List<String> options, String reason) throws Exception {
    List<String> lines = judgeElsewhere(options);
    List<String> sigma2 = lines.stream().filter(line -> line.startsWith("sigma2 ")).toList();
    assertThat(sigma2).hasSize(1);
    double exact = OneSnapshot.sigma2();
    assertThat(Double.parseDouble(sigma2.getFirst().substring("sigma2 ".length())))
        .isCloseTo(exact, within(1e-5 * exact));
    assertThat(lines).filteredOn(line -> line.contains("plain loops")).hasSize(1);
    assertThat(lines).filteredOn(line -> line.contains(reason)).hasSize(1);
    assertThat(lines).filteredOn(line -> line.contains("WARN ")).hasSize(1);
  }

  /** What another JVM with these options prints. */
  private List<String> judgeElsewhere(List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    // log4j without a configuration prints to the console, but only errors unless told so
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-Dorg.apache.logging.log4j.level=WARN",
            "-cp",
            System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", "")),
            OneSnapshot.class.getName()));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines =
        Stream.concat(Files.readAllLines(out).stream(), Files.readAllLines(err).stream()).toList();
    assertThat(process.exitValue()).as("%s", lines).isZero();
    return lines;
  }
}

package dev.sinkwatch.dashboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.dashboard.Main;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sinkwatch check} says of what it left out, and of where its lines are from. */
class CheckReportTest {
  private static final double[] TRAPPED = {
    .26, .24, .25, .25, .24, .26, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25
  };
  private static final double[] LIVELY = {
    .7, .1, .1, .1, .1, .7, .1, .1, .1, .1, .7, .1, .1, .1, .1, .7
  };

  @TempDir private Path directory;
  private final List<String> out = new ArrayList<>();
  private final List<String> err = new ArrayList<>();

  @BeforeEach
  void checkpoints() throws IOException {
    for (int step : new int[] {100, 20}) {
      SafetensorsWriter.write(
          Files.createDirectories(directory.resolve("run/step-" + step))
              .resolve("model.safetensors"),
          Map.of(),
          List.of(Tensor.of("blocks.0.mixer", Shape.of(4, 4), LIVELY)));
    }
  }

  @Test
  void nothingObservableIsToldWhereOtherConditionsAreAskedFor() throws IOException {
    Path file = directory.resolve("plain.safetensors");
    SafetensorsWriter.write(
        file, Map.of(), List.of(Tensor.of("out.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)));
    assertThat(run("check", "--fail-on", "HomogeneityTrap", file.toString())).isZero();
    assertThat(err)
        .singleElement()
        .asString()
        .contains("nothing in " + file, "is observable: --fail-on NotObservable would end with 2");
    assertThat(out).anyMatch(line -> line.contains("sinkwatch profiles --explain"));
    assertThat(run("check", file.toString())).isZero();
    assertThat(err).isEmpty();
    assertThat(run("check", "--help")).isZero();
    assertThat(String.join(" ", out).replaceAll("\\s+", " "))
        .contains("None but NotObservable holds where nothing is observable");
  }

  @Test
  void operatorsWithoutFiniteValuesAreNamedBesideTheirChain() throws IOException {
    double[] broken = LIVELY.clone();
    broken[3] = Double.NaN;
    Path file = directory.resolve("broken.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of("blocks.0.mixer", Shape.of(4, 4), LIVELY),
            Tensor.of("blocks.1.mixer", Shape.of(4, 4), broken),
            Tensor.of("blocks.2.mixer", Shape.of(4, 4), broken)));
    assertThat(run("check", "--format", "json", file.toString())).isZero();
    JsonNode chain = new ObjectMapper().readTree(out.getLast());
    assertThat(chain.path("operators").asInt()).isEqualTo(1);
    assertThat(chain.path("operatorsMissing"))
        .extracting(JsonNode::asText)
        .containsExactly("blocks.1.mixer", "blocks.2.mixer");
    assertThat(run("check", file.toString())).isZero();
    assertThat(out)
        .contains("  without blocks.1.mixer, blocks.2.mixer: no finite values")
        .anyMatch(line -> line.startsWith("chain n4: 1 operator "));
  }

  @Test
  void whichFileALineIsOfIsSaidWhereThereAreSeveral() throws IOException {
    String one = directory.resolve("run/step-20").toString();
    String both = directory.resolve("run").toString();
    assertThat(run("check", "--format", "json", both)).isZero();
    for (String line : out) {
      JsonNode json = new ObjectMapper().readTree(line);
      assertThat(json.path("file").asText())
          .isEqualTo(both + "/step-" + json.path("step").asLong() + "/model.safetensors");
    }
    assertThat(run("check", "--format", "csv", both)).isZero();
    assertThat(out.getFirst()).endsWith(",file");
    assertThat(out.getLast()).endsWith("," + both + "/step-100/model.safetensors");
    assertThat(run("check", "--format", "json", one)).isZero();
    assertThat(out).noneMatch(line -> line.contains("\"file\""));
    assertThat(run("check", "--format", "csv", one)).isZero();
    assertThat(out.getFirst()).doesNotEndWith(",file");
  }

  @Test
  void namesAreWholeWhereNoTerminalShowsThem() throws IOException {
    String name = "transformer.layers.".repeat(9) + "blocks.%d.mixer";
    Path file = directory.resolve("long.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of(name.formatted(1), Shape.of(4, 4), LIVELY),
            Tensor.of(name.formatted(2), Shape.of(4, 4), TRAPPED)));
    assertThat(run("check", file.toString())).isZero();
    assertThat(out).anyMatch(line -> line.startsWith(name.formatted(1) + "  "));
    System.setProperty("sinkwatch.stdout.terminal", "true");
    try {
      assertThat(run("check", file.toString())).isZero();
    } finally {
      System.clearProperty("sinkwatch.stdout.terminal");
    }
    assertThat(out).anyMatch(line -> line.startsWith("…")).noneMatch(line -> line.contains(name));
  }

  @Test
  void aDepthThatNoOperatorEndsIsALeastOneAndWhatTheCompositeEndsIsTold() throws IOException {
    Path file = directory.resolve("depth.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of("blocks.0.mixer", Shape.of(4, 4), LIVELY),
            Tensor.of("blocks.1.mixer", Shape.of(4, 4), LIVELY)));
    assertThat(run("check", file.toString())).isZero();
    assertThat(out).anyMatch(line -> line.contains("effective depth >= 2"));
    assertThat(run("check", "--eps", "0.4", file.toString())).isZero(); // 0.6, then 0.36
    assertThat(out).anyMatch(line -> line.matches(".*; effective depth 2(;.*|$)"));
    // what each keeps the other loses: only both together tell
    double[] pairs = {.5, .5, 0, 0, .5, .5, 0, 0, 0, 0, .5, .5, 0, 0, .5, .5};
    double[] others = {.5, 0, .5, 0, 0, .5, 0, .5, .5, 0, .5, 0, 0, .5, 0, .5};
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of("blocks.0.mixer", Shape.of(4, 4), pairs),
            Tensor.of("blocks.1.mixer", Shape.of(4, 4), others)));
    assertThat(run("check", file.toString())).isZero();
    assertThat(out).anyMatch(line -> line.contains("effective depth >= 2 (indeed 2)"));
  }

  @Test
  void whatCannotBeReadIsToldBeforeTheTables() throws Exception {
    Path bad = directory.resolve("bad.safetensors");
    Files.writeString(bad, "hello");
    String good = directory.resolve("run/step-20").toString();
    Path said = directory.resolve("said.txt");
    List<String> command =
        new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
    command.addAll(List.of("--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("check", good, bad.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor()).isEqualTo(1);
    List<String> lines =
        Files.readAllLines(said).stream().filter(line -> !line.startsWith("WARNING")).toList();
    assertThat(lines.getFirst()).startsWith("sinkwatch: " + bad);
    assertThat(lines.get(1)).contains("step-20");
    assertThat(lines.get(2)).isEmpty();
    assertThat(lines.get(3)).startsWith("operator ");
  }

  private int run(String... arguments) {
    Said said = Said.by(arguments);
    out.clear();
    err.clear();
    out.addAll(said.out());
    err.addAll(said.err());
    return said.code();
  }
}

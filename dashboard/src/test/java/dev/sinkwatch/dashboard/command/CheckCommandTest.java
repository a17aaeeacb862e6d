package dev.sinkwatch.dashboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sinkwatch check} as a shell sees it: exit code, stdout, stderr. */
class CheckCommandTest {
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
      Path folder = Files.createDirectories(directory.resolve("run/step-" + step));
      SafetensorsWriter.write(
          folder.resolve("model.safetensors"),
          Map.of(),
          List.of(
              Tensor.of("blocks.1.mixer", Shape.of(4, 4), step == 100 ? TRAPPED : LIVELY),
              Tensor.of("blocks.0.mixer", Shape.of(4, 4), LIVELY),
              Tensor.of("out.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
              Tensor.of("norm.weight", Shape.of(4), 1, 1, 1, 1)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "none.safetensors, no such file",
    "truncated.safetensors, truncated",
    "pickled.safetensors, pickle",
    "model.pt, safetensors",
    "text.safetensors, text",
    "empty, empty",
    "pickles, safetensors",
  })
  void unreadableInputIsOneLineThatHelps(String name, String hint) throws IOException {
    byte[] good = Files.readAllBytes(directory.resolve("run/step-20/model.safetensors"));
    Files.write(directory.resolve("truncated.safetensors"), Arrays.copyOf(good, good.length - 10));
    byte[] zip = {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Files.write(directory.resolve("pickled.safetensors"), zip);
    Files.write(directory.resolve("model.pt"), zip);
    Files.writeString(directory.resolve("text.safetensors"), "hello, this is a note\n");
    Files.createDirectories(directory.resolve("empty"));
    Files.createDirectories(directory.resolve("pickles"));
    Files.write(directory.resolve("pickles/__0_0.distcp"), zip);

    assertThat(run("check", directory.resolve(name).toString())).isEqualTo(1);

    assertThat(out).isEmpty();
    assertThat(err)
        .singleElement()
        .asString()
        .startsWith("sinkwatch: ")
        .contains(name)
        .containsIgnoringCase(hint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check",
        "check --profile gpt run",
        "check --eps 2 run",
        "check --passes -1 run",
        "check --activation int4 run",
        "check --format xml run",
        "check --fail-on Everything run",
        "check --no-such-option run",
        "monitor --set no.such.key=1",
        "chek",
        "",
      })
  void mistakesOnTheCommandLineAreOneLine(String line) throws IOException {
    String[] words =
        Arrays.stream(line.split(" ", -1))
            .filter(word -> !word.isEmpty())
            .map(word -> word.equals("run") ? directory.resolve("run").toString() : word)
            .toArray(String[]::new);
    assertThat(run(words)).isEqualTo(1);
    assertThat(out).isEmpty();
    assertThat(err).singleElement().asString().startsWith("sinkwatch: ");
  }

  @Test
  void jsonHasLayersInFileOrderThenChainsForEachStep() throws IOException {
    assertThat(run("check", "--format", "json", directory.resolve("run").toString())).isZero();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertThat(lines).hasSize(10);
    assertThat(lines)
        .extracting(line -> line.path("step").asLong())
        .containsExactly(20L, 20L, 20L, 20L, 20L, 100L, 100L, 100L, 100L, 100L);
    assertThat(lines.subList(0, 4))
        .extracting(line -> line.path("layer").asText())
        .containsExactly("blocks.1.mixer", "blocks.0.mixer", "out.weight", "norm.weight");
    assertThat(lines.get(3).path("kind").asText()).isEqualTo("ignore");
    JsonNode chain = lines.get(9);
    assertThat(chain.path("network").asBoolean()).isTrue();
    assertThat(chain.path("operators").asInt()).isEqualTo(2);
    assertThat(chain.path("depthGain").get(0).asDouble()).isGreaterThan(0.5); // blocks.0 first
    assertThat(lines.get(5).path("alarms"))
        .extracting(JsonNode::asText)
        .contains("HomogeneityTrap");
  }

  @ParameterizedTest
  @CsvSource({"auto, isotropic-proxy, 16384", "deepseek-v4, static-proxy, 1"})
  void theTensorsOfASiteAreOneOperatorWhateverTheirOrder(
      String profile, String observability, int batch) throws IOException {
    double[] weight = new double[24 * 32];
    java.util.Arrays.setAll(weight, i -> Math.sin(i * i));
    Path file = directory.resolve("site.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of("layers.0.hc_attn_base", Shape.of(24), new double[24]),
            Tensor.of("layers.0.hc_attn_fn", Shape.of(24, 32), weight),
            Tensor.of("layers.0.hc_attn_scale", Shape.of(3), 1, 1, 1)));
    assertThat(run("check", "--profile", profile, "--format", "json", file.toString())).isZero();
    JsonNode site = new ObjectMapper().readTree(out.getFirst());
    assertThat(site.path("observability").asText()).isEqualTo(observability);
    assertThat(site.path("batch").asInt()).isEqualTo(batch);
    assertThat(site.path("sigma2Batch").isObject()).isEqualTo(batch > 1);
    assertThat(new ObjectMapper().readTree(out.get(1)).path("kind").asText()).isEqualTo("dense");
    assertThat(new ObjectMapper().readTree(out.getLast()).path("operators").asInt()).isEqualTo(1);
  }

  @Test
  void csvHasTheSameColumnsInEveryRow() throws IOException {
    assertThat(run("check", "--format", "csv", directory.resolve("run").toString())).isZero();
    assertThat(out).hasSize(11);
    assertThat(out)
        .extracting(line -> line.chars().filter(c -> c == ',').count())
        .containsOnly(out.getFirst().chars().filter(c -> c == ',').count());
  }

  @Test
  void theTableTellsWhatItMeans() throws IOException {
    assertThat(run("check", directory.resolve("run/step-100").toString())).isZero();
    assertThat(String.join("\n", out))
        .contains("step 100", "blocks.1.mixer", "HomogeneityTrap", "chain n4", "2x3", "ignored");
    assertThat(err).isEmpty();
  }

  @Test
  void aProjectionThatIsAssumedIsNoted() throws IOException {
    Path file = directory.resolve("logits.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of("sinkwatch.kind", "sinkhorn-logits"),
        List.of(Tensor.of("layers.0.mixer_logits", Shape.of(4, 4), LIVELY)));
    assertThat(run("check", file.toString())).isZero();
    assertThat(out).anyMatch(line -> line.matches("layers\\.0\\.mixer_logits +exact, assumed .*"));
    assertThat(out)
        .anyMatch(line -> line.startsWith("assumed: ") && line.contains("layers.0.mixer_logits"));
    out.clear();
    assertThat(run("check", "--format", "json", file.toString())).isZero();
    assertThat(out).hasSize(2).allMatch(line -> line.contains("\"projectionAssumed\":true"));
  }

  /** As ingest/python/README.md recommends. */
  @Test
  void whoTellsTheRuleOfLogitsIsToldWhatTheModelApplies() throws IOException {
    double[] logits = new double[16];
    Arrays.setAll(logits, i -> i % 5 == 0 ? 0.2 : 0);
    Path file = directory.resolve("logits.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of("sinkwatch.kind", "sinkhorn-logits"),
        List.of(Tensor.of("layers.0.mixer_logits", Shape.of(4, 4), logits)));
    assertThat(run("check", "--fail-on", "HomogeneityTrap", file.toString())).isEqualTo(2);
    String readme = Files.readString(Path.of("../ingest/python/README.md"));
    int begin = readme.indexOf("schema: 1");
    Path profile = directory.resolve("mixers.yaml");
    Files.writeString(profile, readme.substring(begin, readme.indexOf("```", begin)));
    out.clear();
    String[] told = {
      "check", "--profile", profile.toString(), "--fail-on", "HomogeneityTrap", file.toString()
    };
    assertThat(run(told)).isZero();
    assertThat(out).noneMatch(line -> line.contains("exact, assumed") || line.contains("assumed:"));
  }

  @Test
  void aStackOfWhichAllButOneAreTrappedIsNoted() throws IOException {
    double[] stack = new double[64 * 16];
    for (int b = 0; b < 64; b++) {
      System.arraycopy(b == 17 ? LIVELY : TRAPPED, 0, stack, b * 16, 16);
    }
    Path file = directory.resolve("stack.safetensors");
    SafetensorsWriter.write(
        file, Map.of(), List.of(Tensor.of("layers.mixer", Shape.of(64, 4, 4), stack)));
    assertThat(run("check", file.toString())).isZero();
    assertThat(out)
        .anyMatch(line -> line.matches("layers\\.mixer .*0\\.6000, median 0\\.02.*, min 0\\.02.*"));
    assertThat(out)
        .anyMatch(line ->
            line.startsWith("layers.mixer: half or more of its 64 operators keep less than 0.1"));
  }

  @Test
  void anAlarmWithoutABaselineIsInformation() throws IOException {
    int n = 128;
    double[] mixer = new double[n * n];
    Arrays.setAll(mixer, i -> 0.95 / n + (i % (n + 1) == 0 ? 0.05 : 0));
    Path file = directory.resolve("large.safetensors");
    SafetensorsWriter.write(file, Map.of(), List.of(Tensor.of("a.mixer", Shape.of(n, n), mixer)));
    assertThat(run("check", "--fail-on", "HomogeneityTrap", file.toString())).isEqualTo(2);
    assertThat(out).anyMatch(line -> line.matches("a\\.mixer .* HomogeneityTrap \\(info\\)"));
    assertThat(out).anyMatch(line -> line.startsWith("(info): ") && line.contains("n = 64"));
    out.clear();
    assertThat(run("check", directory.resolve("run/step-100").toString())).isZero();
    assertThat(out).anyMatch(line -> line.matches("blocks\\.1\\.mixer .* HomogeneityTrap"));
  }

  @Test
  void whatOnePassKnowsOfTheGainIsAnInterval() throws IOException {
    int n = 128;
    double[] mixer = new double[n * n];
    java.util.Arrays.setAll(
        mixer, i -> (1 + 0.5 * Math.cos(2 * Math.PI * (i / n + 3 * (i % n)) / n)) / n);
    Path file = directory.resolve("mixer.safetensors");
    SafetensorsWriter.write(file, Map.of(), List.of(Tensor.of("a.mixer", Shape.of(n, n), mixer)));
    String interval = "\\S+ \\[\\S+, \\S+\\]";
    assertThat(run("check", "--passes", "1", file.toString())).isZero();
    assertThat(out)
        .anyMatch(line ->
            line.matches("a\\.mixer +\\S+ +128 +" + interval + " +" + interval + " +>= .*"));
    assertThat(run("check", file.toString())).isZero();
    assertThat(out).noneMatch(line -> line.startsWith("a.mixer") && line.contains(">="));
  }

  @Test
  void failOnTellsByItsExitCode() throws IOException {
    String trapped = directory.resolve("run").toString();
    String lively = directory.resolve("run/step-20").toString();
    assertThat(run("check", "--fail-on", "HomogeneityTrap", trapped)).isEqualTo(2);
    assertThat(run("check", "--fail-on", "GainSpread,HomogeneityTrap", trapped)).isEqualTo(2);
    assertThat(run("check", "--fail-on", "GainSpread", trapped)).isZero();
    assertThat(run("check", "--fail-on", "HomogeneityTrap", lively)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "csv"})
  void aModelWithoutMixersIsNotObservableAndNeverFine(String format) throws IOException {
    Path file = directory.resolve("plain.safetensors");
    SafetensorsWriter.write(
        file, Map.of(), List.of(Tensor.of("out.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)));
    for (String condition : List.of("NotObservable", "any")) {
      assertThat(run("check", "--format", format, "--fail-on", condition, file.toString()))
          .isEqualTo(2);
      List<String> said = format.equals("table") ? out : err;
      assertThat(said).filteredOn(line -> line.contains("not observable")).hasSize(1);
    }
    String lively = directory.resolve("run/step-20").toString();
    assertThat(run("check", "--fail-on", "NotObservable", lively)).isZero();
  }

  @Test
  void aTensorThatItsProfileCannotUseIsToldAndTheOthersAreJudged() throws IOException {
    Path file = directory.resolve("odd.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of("h.0.hc_attn.H_res_logits", Shape.of(3), 1, 2, 3),
            Tensor.of("blocks.0.mixer", Shape.of(4, 4), LIVELY)));
    assertThat(run("check", "--format", "json", file.toString())).isEqualTo(1);
    assertThat(err).singleElement().asString().contains("h.0.hc_attn.H_res_logits");
    assertThat(out).hasSize(2);
  }

  @Test
  void aPathThatCannotBeReadIsToldAndTheOthersAreJudged() throws IOException {
    String none = directory.resolve("none.safetensors").toString();
    String lively = directory.resolve("run/step-20").toString();
    Path empty = Files.createDirectories(directory.resolve("empty"));
    assertThat(run("check", "--format", "json", none, lively, empty.toString())).isEqualTo(1);
    assertThat(err).hasSize(2);
    assertThat(err.getFirst()).startsWith("sinkwatch: ").contains(none);
    assertThat(err.getLast()).startsWith("sinkwatch: ").contains(empty.toString());
    assertThat(out).anyMatch(line -> line.contains("blocks.0.mixer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "monitor", "publish", "check", "profiles"})
  void everyCommandExplainsItselfIn80Columns(String command) throws IOException {
    assertThat(run(command, "--help")).isZero();
    assertThat(out).isNotEmpty().allMatch(line -> line.length() <= 80);
  }

  @Test
  void aPublisherWithoutARunIsToldSo() throws IOException {
    assertThat(run("publish", "--run", "not a name", directory.toString())).isEqualTo(1);
    assertThat(err).singleElement().asString().contains("run");
  }

  @Test
  void aPublisherCannotTakeTheNameOfACanary() throws IOException {
    Path file = directory.resolve("model.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(SafetensorsWriter.Tensor.of("mixer", Shape.of(2, 2), 0.7, 0.3, 0.3, 0.7)));
    assertThat(run("publish", "--run", "sinkwatch.canary.mine", file.toString())).isEqualTo(1);
    assertThat(err).singleElement().asString().contains("sinkwatch.canary.");
  }

  @Test
  void theStepOfOneCheckpointIsNotThatOfSeveral() throws IOException {
    for (int step = 1; step <= 2; step++) {
      Path folder = Files.createDirectories(directory.resolve("step-" + step));
      SafetensorsWriter.write(
          folder.resolve("model.safetensors"),
          Map.of(),
          List.of(SafetensorsWriter.Tensor.of("mixer", Shape.of(2, 2), 0.7, 0.3, 0.3, 0.7)));
    }
    String path = directory.toString();
    for (List<String> wrong :
        List.of(
            List.of("publish", path, "--run", "r", "--step", "3"),
            List.of("publish", path, "--run", "r", "--step", "3", "--watch"),
            List.of("publish", path, "--run", "r", "--step", "-1"))) {
      assertThat(run(wrong.toArray(String[]::new))).isEqualTo(1);
      assertThat(err).singleElement().asString().contains("--step");
    }
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

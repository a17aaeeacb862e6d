package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.profile.ProfileException;
import dev.sinkwatch.analyzer.profile.ProfileFile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.safetensors.Carrier;
import dev.sinkwatch.ingest.safetensors.SafetensorsHeader;
import dev.sinkwatch.ingest.safetensors.TensorEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The files under {@code golden} judged as an independent NumPy program judged them, line by line:
 * full singular value decompositions in double precision.
 */
class GoldenTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final double EPS = 0.01;

  /** Figures that a large matrix has within 1e-3 only. */
  private static final Set<String> ESTIMATED =
      Set.of(
          "sigma1",
          "sigma2",
          "detailGain",
          "effectiveDepth",
          "stableRank",
          "depthGain",
          "extrapolatedDepth",
          "snrCeiling",
          "cosineCeiling",
          "networkEffectiveDepth",
          "min",
          "median",
          "max");

  @ParameterizedTest
  @CsvSource({
    "tokenbender, tokenbender/step-120/model.safetensors, tokenbender",
    "auto, tokenbender/step-120/model.safetensors, tokenbender",
    "deepseek-v4, deepseek-v4.safetensors, deepseek-v4",
    "deepseek-v4-hf, deepseek-v4-hf.safetensors, deepseek-v4-hf",
    "auto, deepseek-v4-hf.safetensors, deepseek-v4-hf",
    "deepseek-v4-hf-sigmoid, deepseek-v4-hf.safetensors, deepseek-v4-hf-sigmoid",
    "megatron, megatron.safetensors, megatron",
    "lucidrains, lucidrains.safetensors, lucidrains",
    "generic, generic-00250.safetensors, generic",
    "generic, large.safetensors, large",
  })
  void agreesWithTheIndependentReading(String profile, String file, String golden)
      throws Exception {
    List<JsonNode> expected = new ArrayList<>();
    for (String line : Files.readAllLines(GOLDEN.resolve(golden + ".jsonl"))) {
      expected.add(MAPPER.readTree(line));
    }
    List<JsonNode> actual = judge(GOLDEN.resolve(file), profile);
    assertThat(actual).hasSameSizeAs(expected);
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < expected.size(); i++) {
      boolean large = golden.equals("large");
      compare(softly, expected.get(i), actual.get(i), actual.get(i).path("layer").asText(), large);
    }
    softly.assertAll();
  }

  /** Families of which that program knows nothing: {@code families.py} has them. */
  @ParameterizedTest
  @CsvSource({
    "tokenbender-orthostochastic, tokenbender-orthostochastic",
    "tokenbender-orthostochastic-5, tokenbender-orthostochastic-5",
    "megatron-exp, megatron-exp",
    "maxtext, maxtext",
    "auto, maxtext",
    "maxtext-columns, maxtext-columns",
    "maxtext-lite, maxtext-lite",
    "auto, maxtext-lite",
    "mhc-lite, mhc-lite",
    "auto, mhc-lite",
    "kromhc, kromhc",
    "auto, kromhc",
    "sinkformer, sinkformer",
    "transport-plan, transport-plan",
    "src/test/resources/profiles/superglue.yaml, dustbin",
  })
  void agreesOnTheOperatorsOfOtherFamilies(String profile, String golden) throws Exception {
    Path folder = GOLDEN.resolve("families");
    List<JsonNode> actual = judge(folder.resolve(golden + ".safetensors"), profile);
    List<String> expected = Files.readAllLines(folder.resolve(golden + ".jsonl"));
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < expected.size(); i++) {
      JsonNode line = MAPPER.readTree(expected.get(i));
      boolean large = line.path("shape").path(line.path("shape").size() - 1).asInt() > 64;
      compare(softly, line, actual.get(i), line.path("layer").asText(), large);
    }
    softly.assertAll();
  }

  static Profiles.Lookup profile(String name) throws ProfileException {
    return name.endsWith(".yaml")
        ? ProfileFile.read(Path.of(name))
        : Profiles.named(name).orElseThrow();
  }

  private static List<JsonNode> judge(Path file, String profile) throws Exception {
    LayerAnalysis analysis =
        new LayerAnalysis(
            new AnalysisSettings(profile(profile), EPS, 1e-3, 1e-9, 0),
            "golden".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    StepJudge judge = new StepJudge(analysis, EPS, NoiseModel.DEFAULT);
    List<LayerVerdict> layers = new ArrayList<>();
    List<JsonNode> lines = new ArrayList<>();
    for (ArraySnapshot snapshot : read(file)) {
      LayerVerdict verdict = judge.layer(snapshot);
      layers.add(verdict);
      lines.add(VerdictJson.layer(verdict));
    }
    judge.chains(layers).forEach(chain -> lines.add(VerdictJson.chain(chain)));
    return lines;
  }

  static List<ArraySnapshot> read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = SafetensorsHeader.length(buffer, Carrier.FILE, OptionalLong.of(bytes.length));
    SafetensorsHeader header =
        SafetensorsHeader.parse(
            ByteBuffer.wrap(bytes, 8, length),
            Carrier.FILE,
            OptionalLong.of(bytes.length - 8 - length));
    List<ArraySnapshot> snapshots = new ArrayList<>();
    for (TensorEntry tensor : header.tensors()) {
      snapshots.add(
          new ArraySnapshot(
              new SnapshotId("golden", 0, tensor.name(), 0),
              tensor.shape(),
              tensor.supported().orElseThrow(),
              Hints.NONE,
              MemorySegment.ofArray(bytes)
                  .asSlice(8 + length + tensor.begin(), tensor.end() - tensor.begin()),
              0));
    }
    return snapshots;
  }

  static void compare(
      SoftAssertions softly, JsonNode expected, JsonNode actual, String where, boolean large) {
    expected
        .properties()
        .forEach(field -> {
          String key = field.getKey();
          if (key.equals("step")) {
            return; // of the file's name, which is the checkpoint's matter
          }
          JsonNode value = actual.get(key);
          String at = where + " " + key;
          softly.assertThat(value).as(at).isNotNull();
          if (value == null) {
            return;
          }
          compareValue(softly, field.getValue(), value, at, key, large);
        });
  }

  private static void compareValue(
      SoftAssertions softly,
      JsonNode expected,
      JsonNode actual,
      String at,
      String key,
      boolean large) {
    if (expected.isObject()) {
      compare(softly, expected, actual, at, large);
    } else if (expected.isArray()) {
      softly.assertThat(actual.size()).as(at).isEqualTo(expected.size());
      for (int i = 0; i < expected.size(); i++) {
        compareValue(softly, expected.get(i), actual.path(i), at + "[" + i + "]", key, large);
      }
    } else if (expected.isNumber() && actual.isNumber()) {
      double e = expected.asDouble();
      double a = actual.asDouble();
      if (key.endsWith("epth") && e > 0 && a > 0 && !expected.isInt()) {
        e = Math.log(EPS) / e; // depths agree through the logarithm of the gain
        a = Math.log(EPS) / a;
      }
      boolean estimated = large && ESTIMATED.contains(key);
      double relative = estimated ? 2e-3 : 1e-9;
      // depths of chains rest on upper bounds: ln gain is wider by the interval, whatever gain is
      double absolute = estimated && key.endsWith("epth") ? 1e-3 : 1e-12;
      softly
          .assertThat(Math.abs(a - e))
          .as(at + ": %s, not %s", a, e)
          .isLessThanOrEqualTo(relative * Math.abs(e) + absolute);
    } else {
      softly.assertThat(actual.asText()).as(at).isEqualTo(expected.asText());
    }
  }
}

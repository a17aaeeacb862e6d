package dev.sinkwatch.analyzer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.SiteParts;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.ingest.Observability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sites whose operators are made of several tensors: {@code golden/sites/sites.py} has them. */
class SiteGoldenTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path SITES = Path.of("src/test/resources/golden/sites");

  /** Quantiles of 100,000 inputs that went through the families' own code. */
  @ParameterizedTest
  @CsvSource({
    "auto, deepseek-v4-isotropic",
    "deepseek-v4-isotropic, deepseek-v4-isotropic",
    "auto, deepseek-v4-hf-isotropic",
    "deepseek-v4-hf-sigmoid-isotropic, deepseek-v4-hf-sigmoid-isotropic",
    "auto, megatron-isotropic",
    "auto, maxtext-isotropic",
    "lucidrains-isotropic, lucidrains-isotropic",
    "auto, lucidrains-isotropic",
    "mhc-lite-isotropic, mhc-lite-isotropic",
    "auto, mhc-lite-isotropic",
    "kromhc-isotropic, kromhc-isotropic",
    "auto, kromhc-isotropic",
  })
  void quantilesOfSigma2AreThoseOfBruteForce(String profile, String golden) throws Exception {
    SoftAssertions softly = new SoftAssertions();
    for (String line : Files.readAllLines(SITES.resolve(golden + ".jsonl"))) {
      JsonNode expected = MAPPER.readTree(line);
      String layer = expected.get("layer").asText();
      LayerVerdict verdict = judge(profile, golden, layer, "secret", 0);
      assertThat(verdict.observability()).isEqualTo(Observability.ISOTROPIC_PROXY);
      BatchSpread spread = Objects.requireNonNull(verdict.sigma2Batch());
      near(softly, layer + " median", spread.median(), expected.get("median").asDouble());
      near(softly, layer + " p95", spread.p95(), expected.get("p95").asDouble());
    }
    softly.assertAll();
  }

  private static void near(SoftAssertions softly, String what, double actual, double expected) {
    System.out.printf("%s: %.5f, by brute force %.5f%n", what, actual, expected);
    softly.assertThat(actual).as(what).isBetween(0.98 * expected, 1.02 * expected);
  }

  @Test
  void aLearnedShareOfTheIdentityIsWhatTheModelApplies() throws Exception {
    for (String line : Files.readAllLines(SITES.resolve("tokenbender-share.jsonl"))) {
      JsonNode expected = MAPPER.readTree(line);
      String layer = expected.get("layer").asText();
      for (String profile : List.of("auto", "tokenbender")) {
        SoftAssertions softly = new SoftAssertions();
        LayerVerdict verdict = judge(profile, "tokenbender-share", layer, "secret", 0);
        GoldenTest.compare(softly, expected, VerdictJson.layer(verdict), layer, false);
        softly.assertAll();
      }
    }
  }

  @Test
  void aFamilyByItsPlainNameIsJudgedByItsBiasAlone() throws Exception {
    LayerVerdict verdict =
        judge("deepseek-v4", "deepseek-v4-isotropic", "layers.0.hc_ffn_base", "secret", 0);
    assertThat(verdict.observability()).isEqualTo(Observability.STATIC_PROXY);
    assertThat(verdict.batch()).isEqualTo(1);
  }

  @Test
  void everyStepIsJudgedByTheSameDraws() throws Exception {
    String golden = "deepseek-v4-isotropic";
    String layer = "layers.0.hc_ffn_base";
    LayerVerdict first = judge("auto", golden, layer, "secret", 0);
    LayerVerdict later = judge("auto", golden, layer, "secret", 1000);
    LayerVerdict elsewhere = judge("auto", golden, layer, "another", 0);
    assertThat(later.sigma2Batch()).isEqualTo(first.sigma2Batch());
    assertThat(later.matrix()).isEqualTo(first.matrix()).hasSize(64 * 16);
    assertThat(elsewhere.sigma2Batch()).isNotEqualTo(first.sigma2Batch());
  }

  private static LayerVerdict judge(
      String profile, String file, String layer, String secret, long step) throws Exception {
    LayerAnalysis analysis =
        new LayerAnalysis(
            new AnalysisSettings(GoldenTest.profile(profile), 0.01, 1e-3, 1e-9, 0),
            secret.getBytes(UTF_8));
    StepJudge judge = new StepJudge(analysis, 0.01, NoiseModel.DEFAULT);
    SiteParts parts = new SiteParts();
    List<ArraySnapshot> snapshots =
        GoldenTest.read(SITES.resolve(file + ".safetensors")).stream()
            .map(snapshot -> snapshot.at(step))
            .toList();
    for (ArraySnapshot snapshot : snapshots) {
      boolean contributes = judge.contribute(snapshot, parts);
      assertThat(contributes && snapshot.id().layer().equals(layer)).isFalse();
    }
    return judge.layer(
        snapshots.stream().filter(one -> one.id().layer().equals(layer)).findFirst().orElseThrow(),
        parts);
  }
}

package dev.sinkwatch.analyzer.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.analyzer.profile.SiteTensors.Role;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's own profile: what it may say, and how it is told what is wrong. */
class ProfileFileTest {
  private static final String MINE =
      """
      schema: 1
      name: mine
      rules:
        - tensor: 'blocks\\.(?<index>\\d+)\\.mix'
          shape: [24]
          observability: static-proxy
          logits: "8:24"
          operator: {method: log, iterations: 10, temperature: 0.5}
          transpose: true
          share: 0.25
      """;

  private static final String SITE =
      """
      schema: 1
      name: mine
      rules:
        - tensor: 'blocks\\.(?<index>\\d+)\\.mix_bias'
          observability: static-proxy
          logits: matrix
          operator: {method: log, iterations: 10}
          with:
            end: mix_bias
            weight: mix.weight
            outputs: columns
            inputs: each-stream
            scale: mix_scale
            element: 2
            norm: norm.gamma
            norm-offset: 1
            share-logit: mix_share
      """;

  @Test
  void aRuleIsReadWithAllThatItSays() throws Exception {
    Profile profile = read(MINE);
    assertThat(profile.name()).isEqualTo("mine");
    assertThat(profile.version()).isEqualTo(1);
    Profile.Match match = profile.match("blocks.7.mix", Shape.of(24)).orElseThrow();
    assertThat(match.order()).containsExactly(7, 0);
    Rule rule = match.rule();
    assertThat(rule.observability()).isEqualTo(Observability.STATIC_PROXY);
    assertThat(rule.derivation())
        .isEqualTo(
            new Derivation(
                new LogitsPart.Slice(8, 24),
                new Projection(Projection.Method.LOG, 10, 0.5, 0),
                true,
                0.25));
    assertThat(rule.fits(Shape.of(24))).isTrue();
    assertThat(rule.fits(Shape.of(25))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "schema: 1 | schema: 2 | line 1: schema: a schema of 1 is what this version reads",
        "schema: 1 | # none | lacks schema",
        "name: mine | name: my model | line 2: name: a name is letters",
        "rules: | rule: | line 3: rule: unknown; choose from about, name, rules, schema",
        "transpose: true | transpsoe: true | line 9: transpsoe: unknown; choose from kind",
        "transpose: true | transpose: yes | line 9: transpose: true or false",
        "share: 0.25 | share: 1.5 | line 10: share: '1.5' is not a number from 0.0 to 1.0",
        "share: 0.25 | shape: [24] | line 10: shape: there twice",
        "\"8:24\" | \"8:30\" | line 7: logits: 22 values make no operator by log",
        "\"8:24\" | \"24:8\" | line 7: logits: slice 24:8 holds nothing",
        "\"8:24\" | \"16:32\" | line 5: shape: slice 16:32 is out of the 24 values of [24]",
        "\"8:24\" | matrix | line 5: shape: a tensor of shape [24] holds no logits as matrix",
        "\"8:24\" | bias | line 7: logits: there is no 'bias'; choose from matrix",
        "[24] | [0] | line 5: shape: '0' is not a whole number from 1",
        "[24] | 24 | line 5: shape: not a list",
        "[24] | [2147483647, 2147483647, 2147483647] | line 5: shape: no tensor has that shape",
        "method: log | method: logs | line 8: method: there is no 'logs'; choose from softmax-eps",
        "iterations: 10 | iterations: 0 | line 8: iterations: '0' is not a whole number from 1",
        "iterations: 10, | `` | line 8: operator: lacks iterations",
        "method: log, iterations: 10, temperature: 0.5 | method: orthostochastic | line 8: operator: lacks steps",
        "method: log, iterations: 10, temperature: 0.5 | method: orthostochastic, steps: [] | line 8: steps: 1 to 100 steps",
        "method: log, iterations: 10, temperature: 0.5 | method: orthostochastic, steps: [[3, -3]] | line 8: steps: a step is three numbers",
        "method: log, iterations: 10, temperature: 0.5 | method: orthostochastic, steps: [[100, 100, 100], [100, 100, 100]] | line 8: steps: these steps make numbers without end",
        "temperature: 0.5 | temperature: 0 | line 8: temperature: a temperature is above 0",
        "(?<index> | (?<index | line 4: tensor: not a regular expression",
        "observability: static-proxy | observability: seen | line 6: observability: there is no 'seen'",
        "observability: static-proxy | marginals: uniform | line 6: marginals: a rule of kind",
        "observability: static-proxy | kind: dense | line 6: kind: there is no 'dense'",
        "observability: static-proxy | kind: transport-plan | operator: only a rule of kind",
        "name: mine | name: [mine | not YAML",
      })
  void whatIsWrongIsToldInOneLineWithItsPlace(String right, String wrong, String message) {
    String yaml = MINE.replace(right, wrong);
    assertThat(yaml).isNotEqualTo(MINE);
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(ProfileException.class)
        .hasMessageStartingWith("mine.yaml")
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void otherTensorsOfTheSiteAreReadWithAllThatIsSaidOfThem() throws Exception {
    Rule rule = read(SITE).rules().getFirst();
    assertThat(rule.with())
        .isEqualTo(
            new SiteTensors(
                "mix_bias",
                Map.of(
                    Role.WEIGHT, "mix.weight",
                    Role.SCALE, "mix_scale",
                    Role.NORM, "norm.gamma",
                    Role.SHARE_LOGIT, "mix_share"),
                new SiteTensors.TokenPart(true, true, 2, 1)));
    assertThat(rule.part("blocks.7.norm.gamma"))
        .hasValueSatisfying(part -> {
          assertThat(part.speaker()).isEqualTo("blocks.7.mix_bias");
          assertThat(part.role()).isEqualTo(Role.NORM);
        });
    assertThat(rule.part("blocks.7.mix_bias")).isEmpty();
    assertThat(rule.part("heads.7.norm.gamma")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "end: mix_bias | ends: mix_bias | line 9: ends: unknown; choose from element, end, inputs",
        "end: mix_bias | element: 1 | line 14: element: there twice",
        "end: mix_bias | end: '' | line 9: end: an end of a tensor's name has 1 to 256 characters",
        "scale: mix_scale | scale: mix_bias | line 13: scale: another tensor is called so",
        "scale: mix_scale | # none | line 9: with: lacks scale",
        "weight: mix.weight | # none | means nothing without a weight",
        "norm: norm.gamma | # none | line 16: norm-offset: means nothing without a norm",
        "outputs: columns | outputs: lines | line 11: outputs: there is no 'lines'; choose from rows, columns",
        "inputs: each-stream | inputs: every | line 12: inputs: there is no 'every'; choose from all-streams",
        "element: 2 | element: -1 | line 14: element: '-1' is not a whole number from 0 to 1000",
        "norm-offset: 1 | norm-offset: 7 | line 16: norm-offset: '7' is not a number from -1.0 to 1.0",
        "      share-logit: mix_share | # none | `ok`",
      })
  void whatIsWrongWithOtherTensorsIsToldWithItsPlace(String right, String wrong, String message)
      throws Exception {
    String yaml = SITE.replace(right, wrong);
    assertThat(yaml).isNotEqualTo(SITE);
    if (message.equals("ok")) {
      assertThat(read(yaml).rules()).hasSize(1);
    } else {
      assertThatThrownBy(() -> read(yaml))
          .isInstanceOf(ProfileException.class)
          .hasMessageStartingWith("mine.yaml, line ")
          .hasMessageContaining(message)
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void operatorsOfSeveralTensorsAreMadeOfLogitsAndOfTensorsThatAreNamed() {
    assertThatThrownBy(() -> read(SITE.substring(0, SITE.indexOf("      weight"))))
        .hasMessage("mine.yaml, line 9: with: names no tensor: weight and scale, or share-logit");
    assertThatThrownBy(() ->
            read(
                SITE.replace("logits: matrix", "kind: doubly-stochastic")
                    .replace("operator: {method: log, iterations: 10}", "marginals: uniform")))
        .hasMessage(
            "mine.yaml, line 9: with: only operators of kind sinkhorn-logits are made of several"
                + " tensors");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> ProfileFile.read(Path.of("no", "such.yaml")))
        .isInstanceOf(ProfileException.class)
        .hasMessage("no/such.yaml: no such file");
    assertThatThrownBy(() -> read("")).hasMessage("mine.yaml: empty");
    assertThatThrownBy(() -> read("- 1")).hasMessageContaining("line 1: profile: not keys");
  }

  private static Profile read(String yaml) throws IOException, ProfileException {
    return ProfileFile.read(
        new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)), "mine.yaml");
  }
}

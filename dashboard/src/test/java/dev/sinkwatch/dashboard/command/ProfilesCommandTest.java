package dev.sinkwatch.dashboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sinkwatch profiles}, and profiles of users' own. */
class ProfilesCommandTest {
  private static final double[] MIXER = {0.7, 0.3, 0.3, 0.7};

  @TempDir private Path directory;

  @Test
  void allThatComeWithItAreListed() {
    Said said = Said.by("profiles");
    assertThat(said.code()).isZero();
    assertThat(said.out()).contains("auto (the default)");
    assertThat(said.out()).containsAll(Profiles.names().subList(1, Profiles.names().size()));
  }

  @Test
  void eachTensorIsSaidWhatItIsTakenForAndWhy() throws IOException {
    Path file =
        file(
            Tensor.of("layers.0.hc_attn_base", Shape.of(8), new double[8]),
            Tensor.of("layers.1.hc_attn_base", Shape.of(9), new double[9]),
            Tensor.of("layers.1.hc_attn_scale", Shape.of(3), 1, 2, 3),
            Tensor.of("mixer", Shape.of(2, 2), MIXER),
            Tensor.of("out.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
            Tensor.of("norm", Shape.of(2), 1, 1));
    Said said = Said.by("profiles", "--explain", file.toString());
    assertThat(said.code()).isZero();
    assertThat(said.err()).isEmpty();
    assertThat(said.out().getFirst()).endsWith("model.safetensors, step 0");
    assertThat(said.out().subList(1, said.out().size()))
        .containsExactly(
            "layers.0.hc_attn_base [8] F64",
            "    sinkhorn-logits, n = 2: named as in deepseek-v4: softmax-eps, 20 iterations,"
                + " epsilon 1.0E-6 of its stream-bias, transposed, seen as static-proxy",
            "layers.1.hc_attn_base [9] F64",
            "    ignore: named as in deepseek-v4, but a tensor of shape [9] cannot be of kind"
                + " sinkhorn-logits",
            "layers.1.hc_attn_scale [3] F64",
            "    ignore: it is no matrix, and no rule knows its name; the scale of"
                + " layers.1.hc_attn_base",
            "mixer [2,2] F64",
            "    doubly-stochastic, n = 2: non-negative, rows and columns sum to 1 within 0.1",
            "out.weight [2,3] F64",
            "    dense: an ordinary matrix: no rule of this profile knows its name, and its sums are not all 1",
            "norm [2] F64",
            "    ignore: it is no matrix, and no rule knows its name");
  }

  @Test
  void aModelWithoutMixersIsNotObservable() throws IOException {
    Path file = file(Tensor.of("out.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
    assertThat(Said.by("profiles", "--explain", file.toString()).out().getLast())
        .startsWith("not observable");
  }

  @Test
  void aUsersOwnProfileDecides() throws IOException {
    Path mine = profile("1:5", "");
    Path file = file(Tensor.of("blocks.3.mix", Shape.of(6), 9, 0, 1, 1, 0, 9));
    assertThat(
            Said.by("check", "--format", "json", "--profile", mine.toString(), file.toString())
                .out()
                .getFirst())
        .contains("\"profile\":\"mine\"", "\"n\":2", "\"order\":[3,0]");
    assertThat(explained(file, mine))
        .anyMatch(line -> line.contains("named as in mine: log, 10 iterations"));

    Files.writeString(mine, Files.readString(mine).replace("method: log", "method: lgo"));
    Said wrong = Said.by("check", "--profile", mine.toString(), file.toString());
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err())
        .singleElement()
        .asString()
        .startsWith("sinkwatch: " + mine + ", line 6: method: there is no 'lgo'; choose from");
    assertThat(Said.by("check", "--profile", "./none.yaml", file.toString()).err())
        .containsExactly("sinkwatch: ./none.yaml: no such file");
  }

  @ParameterizedTest
  @CsvSource({
    "'', slice 2:6 is out of the 5 values of [5]",
    "'shape: [6]', 'it is for tensors of shape [6], not [5]'",
  })
  void aTensorThatAUsersRuleDoesNotFitIsToldWithTheRulesPlace(String shape, String problem)
      throws IOException {
    Path mine = profile("2:6", shape.isEmpty() ? "" : "    " + shape + "\n");
    Path file = file(Tensor.of("blocks.3.mix", Shape.of(5), 9, 0, 1, 1, 0));
    Said said = Said.by("check", "--profile", mine.toString(), file.toString());
    assertThat(said.code()).isEqualTo(1);
    String place = mine + ", line 4: rule: " + problem;
    assertThat(said.err()).containsExactly("sinkwatch: blocks.3.mix: " + place);
    assertThat(explained(file, mine)).contains("    ignore: named as in mine, but " + place);
  }

  private static List<String> explained(Path file, Path profile) {
    return Said.by("profiles", "--explain", file.toString(), "--profile", profile.toString()).out();
  }

  /** A profile of one rule, with more lines of it. */
  private Path profile(String logits, String more) throws IOException {
    Path mine = directory.resolve("mine.yaml");
    Files.writeString(
        mine,
        """
        schema: 1
        name: mine
        rules:
          - tensor: 'blocks\\.(?<index>\\d+)\\.mix'
            logits: "%s"
            operator: {method: log, iterations: 10}
        """
                .formatted(logits)
            + more);
    return mine;
  }

  private Path file(Tensor... tensors) throws IOException {
    Path file = directory.resolve("model.safetensors");
    SafetensorsWriter.write(file, Map.of(), List.of(tensors));
    return file;
  }
}

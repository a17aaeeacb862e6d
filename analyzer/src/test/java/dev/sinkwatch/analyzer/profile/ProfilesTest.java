package dev.sinkwatch.analyzer.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesTest {

  /** Fits no rule, so that names alone decide. */
  private static final Shape SHAPE = Shape.of(7);

  @ParameterizedTest
  @CsvSource({
    "tokenbender, transformer.h.11.hc_attn.H_res_logits, 11, 0",
    "tokenbender, transformer.h.0.hc_mlp.H_res_logits, 0, 1",
    "tokenbender, h.3.hc_mlp.H_res_logits, 3, 1",
    "tokenbender, _orig_mod.transformer.h.3.hc_attn.H_res_logits, 3, 0",
    "deepseek-v4, layers.0.hc_attn_base, 0, 0",
    "deepseek-v4, layers.60.hc_ffn_base, 60, 1",
    "deepseek-v4, model.layers.7.hc_ffn_base, 7, 1",
    "deepseek-v4-hf, model.layers.7.attn_hc.base, 7, 0",
    "deepseek-v4-hf, layers.7.ffn_hc.base, 7, 1",
    "deepseek-v4-hf-sigmoid, model.layers.7.ffn_hc.base, 7, 1",
    "megatron, decoder.layers.12.self_attention_hyper_connection.bias, 12, 0",
    "megatron, module.decoder.layers.12.mlp_hyper_connection.bias, 12, 1",
    "lucidrains, layers.4.0.static_alpha, 0, 0",
    "lucidrains, layers.4.static_alpha, 4, 0",
    "lucidrains, transformer.layers.4.branch.static_alpha, 4, 0",
    "megatron-exp, decoder.layers.12.mlp_hyper_connection.bias, 12, 1",
    "maxtext, params.decoder.layers_3.mhc_attention.res_beta, 3, 0",
    "maxtext, params-decoder-layers_3-mhc_mlp-res_beta, 3, 1",
    "maxtext-columns, decoder.layers_60.mhc_mlp.res_beta, 60, 1",
    "maxtext-lite, decoder.layers_60.mhc_mlp.res_beta, 60, 1",
    "mhc-lite, transformer.h.4.hc_attn.static_alpha, 4, 0",
    "kromhc, transformer.h.4.hc_mlp.static_alpha, 4, 0",
  })
  void aFamilysTensorsAreFoundInTheirOrder(String profile, String layer, int index, int site) {
    Profile.Match match = match(profile, layer).orElseThrow();
    assertThat(match.profile()).isEqualTo(profile);
    assertThat(match.order()).containsExactly(index, site);
  }

  @ParameterizedTest
  @CsvSource({
    "tokenbender, transformer.h.11.hc_attn.H_res_logits.weight",
    "tokenbender, transformer.h.11.hc_attn.H_post_logits",
    "tokenbender, transformer.h.x.hc_attn.H_res_logits",
    "tokenbender, transformer.path.1.hc_norm.H_res_logits",
    "tokenbender, graph.1.hc_attn.H_res_logits",
    "deepseek-v4, layers.0.hc_attn_fn",
    "deepseek-v4, layers.0.hc_attn_scale",
    "deepseek-v4, layers.0.hc_attn_base_ema",
    "deepseek-v4, encoder.layers.0.hc_attn_base",
    "deepseek-v4, layers.-1.hc_attn_base",
    "deepseek-v4, layersX0Xhc_attn_base",
    "deepseek-v4-hf, model.layers.7.attn_hc.fn",
    "deepseek-v4-hf, model.layers.7.attn_hc.scale",
    "deepseek-v4-hf, model.layers.7.head_hc.base",
    "megatron, decoder.layers.12.self_attention_hyper_connection.alpha_res",
    "megatron, decoder.layers.12.self_attention_hyper_connection.mapping_proj.weight",
    "megatron, decoder.layers.12.self_attention_hyper_connection.mapping_proj.bias",
    "megatron, decoder.sublayers12.mlp_hyper_connection.bias",
    "lucidrains, layers.4.0.static_beta",
    "lucidrains, layers.4.0.dynamic_alpha_fn",
    "lucidrains, static_alpha",
    "lucidrains, layers.4.my_static_alpha_2",
    "generic, layers.0.hc_attn_base",
  })
  void aNearMissIsNoMatch(String profile, String layer) {
    assertThat(match(profile, layer)).isEmpty();
  }

  @Test
  void anIndexNoNetworkHasIsNoMatch() {
    assertThat(match("deepseek-v4", "layers.99999999999.hc_attn_base")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "tokenbender, h.0.hc_attn.H_res_logits, EXACT, MATRIX, LOG, 10, 0.05, 0",
    "deepseek-v4, layers.0.hc_attn_base, STATIC_PROXY, STREAM_BIAS, SOFTMAX_EPS, 20, 1, 1e-6",
    "deepseek-v4-hf, layers.0.attn_hc.base, STATIC_PROXY, STREAM_BIAS, SOFTMAX_EPS, 20, 1, 1e-6",
    "deepseek-v4-hf-sigmoid, layers.0.attn_hc.base, STATIC_PROXY, STREAM_BIAS, SIGMOID_EPS, 20, 1, 1e-6",
    "megatron, layers.0.mlp_hyper_connection.bias, STATIC_PROXY, STREAM_BIAS, SOFTMAX_EPS, 20, 1, 1e-6",
    "lucidrains, 0.static_alpha, STATIC_PROXY, LAST_COLUMNS, COLUMNS_FIRST, 20, 1, 0",
  })
  void eachFamilyHasItsOwnWayToTheOperator(
      String profile,
      String layer,
      Observability observability,
      LogitsPart.Place logits,
      Method method,
      int iterations,
      double temperature,
      double epsilon) {
    Rule rule = match(profile, layer).orElseThrow().rule();
    assertThat(rule.observability()).isEqualTo(observability);
    assertThat(rule.derivation())
        .isEqualTo(
            new Derivation(
                logits, new Projection(method, iterations, temperature, epsilon), true, 1));
  }

  @Test
  void autoTakesTheCurrentCodeOfAFamily() {
    assertThat(match("auto", "layers.0.attn_hc.base").orElseThrow().profile())
        .isEqualTo("deepseek-v4-hf");
    assertThat(match("auto", "h.2.hc_mlp.H_res_logits").orElseThrow().profile())
        .isEqualTo("tokenbender");
    assertThat(match("auto", "model.embed_tokens.weight")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "layers.4.static_alpha, 4:5, lucidrains",
    "layers.4.static_alpha, 28, mhc-lite",
    "layers.4.static_alpha, 8, kromhc",
    "layers.4.static_alpha, 14, kromhc",
    "layers.4.static_alpha, 5, lucidrains", // fits none of those that know the name
    "decoder.layers_0.mhc_mlp.res_beta, 4:4, maxtext",
    "decoder.layers_0.mhc_mlp.res_beta, 24, maxtext-lite",
  })
  void ofSeveralFamiliesWithOneNameTheShapeDecides(String layer, String shape, String profile) {
    Shape found =
        Shape.of(
            java.util.Arrays.stream(shape.split(":", -1)).mapToLong(Long::parseLong).toArray());
    assertThat(Profiles.named("auto").orElseThrow().match(layer, found).orElseThrow().profile())
        .isEqualTo(profile);
  }

  @Test
  void whatIsKnownByItsValuesAloneIsAskedForByName() {
    Shape square = Shape.of(4, 4);
    assertThat(Profiles.named("auto").orElseThrow().match("attention", square)).isEmpty();
    assertThat(Profiles.named("sinkformer").orElseThrow().match("attention", square)).isPresent();
  }

  @Test
  void anUnknownProfileIsNone() {
    assertThat(Profiles.named("llama")).isEmpty();
    assertThat(Profiles.names())
        .startsWith("auto")
        .endsWith("generic")
        .allMatch(name -> Profiles.named(name).isPresent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "transformer.h.11.attn.P | 11 0",
        "layers.3.mlp.mixer.2 | 3 2 1",
        "layers.3.self_attention.mixer | 3 0",
        "layers.3.hc_ffn.mixer | 3 1",
        "layers.3.attn.mlp | 3 0",
        "block12.attnorm.P | 12",
        "mixer | ''",
        "step.99999999999999999999.P | 1000000000",
      })
  void aNameTellsThePlaceInTheNetwork(String layer, String order) {
    assertThat(Site.order(layer))
        .containsExactlyElementsOf(
            order.isEmpty()
                ? List.<Integer>of()
                : java.util.Arrays.stream(order.split(" ", -1)).map(Integer::valueOf).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MATRIX | 4,4 | 4",
        "MATRIX | 7,4,4 | 4",
        "MATRIX | 4,5 | 0",
        "MATRIX | 16 | 0",
        "MATRIX | 4,4,5 | 0",
        "STREAM_BIAS | 24 | 4",
        "STREAM_BIAS | 4,6 | 4",
        "STREAM_BIAS | 8 | 2",
        "STREAM_BIAS | 3 | 1",
        "STREAM_BIAS | 23 | 0",
        "STREAM_BIAS | 25 | 0",
        "STREAM_BIAS | 0 | 0",
        "LAST_COLUMNS | 4,5 | 4",
        "LAST_COLUMNS | 4,4 | 4",
        "LAST_COLUMNS | 5,4 | 0",
        "LAST_COLUMNS | 2,4,5 | 0",
      })
  void aShapeHoldsLogitsOrNot(LogitsPart.Place part, String shape, int n) {
    Shape dimensions =
        Shape.of(
            java.util.Arrays.stream(shape.split(",", -1)).mapToLong(Long::parseLong).toArray());
    assertThat(part.size(dimensions, Projection.SITE))
        .isEqualTo(n == 0 ? Optional.empty() : Optional.of(n));
    if (n == 0) {
      assertThatThrownBy(
              () -> part.of(new double[(int) dimensions.elements()], dimensions, Projection.SITE))
          .isInstanceOfSatisfying(
              RejectedException.class,
              e -> assertThat(e.rejection().reason()).isEqualTo(Reason.KIND_NOT_SHAPE))
          .hasMessageContaining(shape)
          .hasMessageContaining(part.wireName());
    }
  }

  @Test
  void logitsAreTakenFromTheirPlace() throws RejectedException {
    double[] bias = counting(24);
    assertThat(LogitsPart.Place.STREAM_BIAS.of(bias, Shape.of(24), Projection.SITE).values())
        .containsExactly(java.util.Arrays.copyOfRange(bias, 8, 24));
    assertThat(
            LogitsPart.Place.LAST_COLUMNS.of(counting(8), Shape.of(2, 4), Projection.SITE).values())
        .containsExactly(2, 3, 6, 7);
    LogitsPart.Logits batch =
        LogitsPart.Place.MATRIX.of(counting(12), Shape.of(3, 2, 2), Projection.SITE);
    assertThat(batch.batch()).isEqualTo(3);
    assertThat(batch.values()).containsExactly(counting(12));
  }

  private static double[] counting(int count) {
    double[] values = new double[count];
    java.util.Arrays.setAll(values, i -> i);
    return values;
  }

  private static Optional<Profile.Match> match(String profile, String layer) {
    return Profiles.named(profile).orElseThrow().match(layer, SHAPE);
  }
}

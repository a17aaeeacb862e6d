package dev.sinkwatch.analyzer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.analyzer.verdict.MissingPart.Cause;
import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class PipelineTest {
  private final Pipeline pipeline =
      new Pipeline(
          new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(UTF_8)),
          new PipelineSettings(2, 1 << 20, 1 << 20, 1 << 20, 60_000),
          System::currentTimeMillis);

  @Test
  void shardsStayOnLoanUntilTheirVerdictIsSafe() {
    LentShard loan = loan("a.mixer", 0, Hints.NONE);
    List<Pipeline.Judged> judged = judge(loan);
    assertThat(judged).hasSize(1);
    assertThat(loan.outcome()).isNull();
    judged.getFirst().safe();
    assertThat(loan.outcome()).isEqualTo(Outcome.Settled.ANALYZED);
  }

  @Test
  void whatIsIgnoredOrDoesNotFitIsSettledAndTheRestGoesOn() {
    LentShard ignored = loan("a.mixer", 0, kind(Kind.IGNORE));
    LentShard alone =
        new LentShard(shard(ArraySnapshot.of("b", 0, Shape.of(1, 1), new double[1]), Hints.NONE));
    LentShard vector =
        new LentShard(
            shard(ArraySnapshot.of("c", 0, Shape.of(3), new double[3]), kind(Kind.DENSE)));
    LentShard good = loan("d.mixer", 0, Hints.NONE);
    assertThat(judge(ignored, alone, vector, good))
        .singleElement()
        .extracting(judged -> judged.verdict().id().layer())
        .isEqualTo("d.mixer");
    assertThat(ignored.outcome()).isEqualTo(Outcome.Settled.IGNORED);
    assertThat(alone.outcome()).isEqualTo(Outcome.Settled.IGNORED);
    assertThat(vector.outcome())
        .isInstanceOfSatisfying(
            Outcome.Rejected.class,
            rejected -> assertThat(rejected.rejection().reason()).isEqualTo(Reason.KIND_NOT_SHAPE));
  }

  @Test
  void aLayersVerdictsComeInTheOrderOfSteps() {
    List<LentShard> loans = new ArrayList<>();
    for (int step = 0; step < 200; step++) {
      for (String layer : List.of("a.mixer", "b.mixer", "c.mixer")) {
        loans.add(loan(layer, step, Hints.NONE));
      }
    }
    List<Pipeline.Judged> judged = judge(loans.toArray(LentShard[]::new));
    assertThat(judged).hasSize(600);
    for (String layer : List.of("a.mixer", "b.mixer", "c.mixer")) {
      assertThat(judged.stream().filter(j -> j.verdict().id().layer().equals(layer)))
          .extracting(j -> j.verdict().id().step())
          .isSorted();
    }
  }

  @Test
  void alarmsThatHoldAreSaidInTheVerdict() {
    Shard uniform =
        shard(
            ArraySnapshot.of("a.mixer", Shape.of(2, 2), new double[] {.5, .5, .5, .5}), Hints.NONE);
    assertThat(judge(new LentShard(uniform)).getFirst().verdict().alarms())
        .containsExactly("HomogeneityTrap");
  }

  @Test
  void theTensorsOfASiteAreJoinedByStep() {
    double[] weight = new double[24 * 8];
    java.util.Arrays.setAll(weight, i -> Math.sin(i));
    List<LentShard> loans = new ArrayList<>();
    for (long step = 0; step < 20; step++) {
      LentShard base = loan("layers.0.hc_ffn_base", step, Shape.of(24), new double[24]);
      LentShard fn = loan("layers.0.hc_ffn_fn", step, Shape.of(24, 8), weight);
      LentShard scale = loan("layers.0.hc_ffn_scale", step, Shape.of(3), new double[] {1, 1, 2});
      loans.addAll(step % 2 == 0 ? List.of(base, fn, scale) : List.of(scale, fn, base));
    }
    loans.add(loan("layers.1.hc_ffn_base", 0, Shape.of(24), new double[24]));
    List<Pipeline.Judged> judged = judge(loans.toArray(LentShard[]::new));
    List<LayerVerdict> site =
        judged.stream()
            .map(Pipeline.Judged::verdict)
            .filter(verdict -> verdict.id().layer().equals("layers.0.hc_ffn_base"))
            .toList();
    assertThat(site).hasSize(20).extracting(verdict -> verdict.id().step()).isSorted();
    assertThat(site)
        .extracting(LayerVerdict::observability)
        .containsOnly(Observability.ISOTROPIC_PROXY);
    assertThat(site).extracting(LayerVerdict::sigma2Batch).doesNotContainNull();
    assertThat(judged)
        .extracting(Pipeline.Judged::verdict)
        .filteredOn(verdict -> verdict.id().layer().equals("layers.1.hc_ffn_base"))
        .singleElement()
        .extracting(LayerVerdict::observability)
        .isEqualTo(Observability.STATIC_PROXY);
    judged.forEach(Pipeline.Judged::safe);
    assertThat(loans).extracting(LentShard::outcome).doesNotContainNull();
  }

  /** The base waits for its weight no longer than until it is known to be none. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSiteWhoseWeightIsNeverInMemorySaysSo(boolean baseFirst) {
    LentShard base = loan("layers.0.hc_attn_base", 1, Shape.of(24), new double[24]);
    LentShard weight = loan("layers.0.hc_attn_fn", 1, Shape.of(24, 128), new double[24 * 128]);
    Pipeline small =
        new Pipeline(
            new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(UTF_8)),
            new PipelineSettings(1, 10_000, 1 << 20, 100 << 20, 1_000_000_000),
            System::currentTimeMillis);
    Flux<Delivery> both = baseFirst ? Flux.just(base, weight) : Flux.just(weight, base);
    List<LayerVerdict> verdicts =
        Objects.requireNonNull(
            small
                .verdicts(() -> both.concatWith(Flux.never()))
                .map(Pipeline.Judged::verdict)
                .take(2)
                .collectList()
                .block(Duration.ofMinutes(1)));
    LayerVerdict proxy =
        verdicts.stream().filter(v -> v.kind().operator()).findFirst().orElseThrow();
    assertThat(proxy.observability()).isEqualTo(Observability.STATIC_PROXY);
    assertThat(proxy.missing())
        .containsExactly(
            new MissingPart("layers.0.hc_attn_fn", Cause.TOO_LARGE),
            new MissingPart("layers.0.hc_attn_scale", Cause.ABSENT));
    assertThat(verdicts)
        .anySatisfy(v -> {
          assertThat(v.kind()).isEqualTo(Kind.DENSE);
          assertThat(v.missing()).isEmpty();
        });
  }

  private List<Pipeline.Judged> judge(LentShard... loans) {
    return Objects.requireNonNull(
        pipeline
            .verdicts(() -> Flux.fromArray(loans).map(Function.identity()))
            .collectList()
            .block(Duration.ofSeconds(30)));
  }

  private static Hints kind(Kind kind) {
    return new Hints(kind, null, null, null, null);
  }

  private static LentShard loan(String layer, long step, Shape shape, double[] values) {
    return new LentShard(shard(ArraySnapshot.of(layer, step, shape, values), Hints.NONE));
  }

  private static LentShard loan(String layer, long step, Hints hints) {
    return new LentShard(
        shard(ArraySnapshot.of(layer, step, Shape.of(2, 2), new double[] {.7, .3, .3, .7}), hints));
  }

  private static Shard shard(ArraySnapshot snapshot, Hints hints) {
    return new Shard(
        snapshot.id(),
        snapshot.shape(),
        new RowRange(0, snapshot.shape().rows()),
        snapshot.dtype(),
        snapshot.data(),
        hints,
        0);
  }
}

package dev.sinkwatch.dashboard.canary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.kafka.Routing;
import dev.sinkwatch.ingest.safetensors.Fields;
import dev.sinkwatch.ingest.safetensors.ShardKey;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which layers a canary publishes, and under which name. */
final class CanaryLayerTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 12, 100, 1000})
  void everyPartitionHasASmallMixerAndOneALargeOne(int partitions) {
    String run = CanaryRun.fresh();
    List<CanaryLayer> layers = CanaryLayer.of(run, partitions);
    assertThat(layers).hasSize(partitions + 1);
    assertThat(layers.subList(0, partitions))
        .extracting(CanaryLayer::partition)
        .containsExactlyElementsOf(IntStream.range(0, partitions).boxed().toList());
    assertThat(layers.getLast().n()).isEqualTo(128);
    assertThat(layers)
        .allSatisfy(layer ->
            assertThat(layer.partition())
                .isEqualTo(Routing.partition(ShardKey.of(run, layer.name()), partitions)));
    assertThat(layers).extracting(CanaryLayer::name).doesNotHaveDuplicates();
  }

  @Test
  void itsRunIsAnotherEachTimeAndLegalAndReserved() throws Exception {
    String run = CanaryRun.fresh();
    assertThat(Fields.run(run)).isEqualTo(run);
    assertThat(CanaryRun.fresh()).isNotEqualTo(run);
    assertThat(CanaryRun.reserved(run)).isTrue();
    assertThat(CanaryRun.reserved("canary.v2")).isFalse();
    assertThat(CanaryRun.reserved("sinkwatch")).isFalse();
  }
}

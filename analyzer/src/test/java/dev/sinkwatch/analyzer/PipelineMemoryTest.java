package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.layer.AnalysisResources;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Shapes that take more memory than there is must not stop the stream. */
class PipelineMemoryTest {

  /** So wide that a pass takes some hundred bytes a column: gigabytes, for zeros on the disk. */
  private static final Shape ABSURD = Shape.of(65, 1 << 23);

  private static final ArraySnapshot MIXER =
      ArraySnapshot.of("w", Shape.of(2, 2), new double[] {.7, .3, .3, .7});

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1L << 28, 1L << 45})
  void anAbsurdShapeIsRejectedAndItsLaneGoesOn(long workingBytes) throws IOException {
    try (Arena arena = Arena.ofShared();
        FileChannel zeros =
            FileChannel.open(
                directory.resolve("zeros"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      MemorySegment data = zeros.map(FileChannel.MapMode.READ_WRITE, 0, ABSURD.elements(), arena);
      AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();
      Shard absurd = shard(0, ABSURD, Dtype.F8_E4M3, Kind.DENSE, data);
      Shard next = shard(1, MIXER.shape(), MIXER.dtype(), null, MIXER.data());
      List<Pipeline.Judged> judged = judge(workingBytes, outcome, absurd, next);
      assertThat(judged).singleElement().returns(1L, verdict -> verdict.verdict().id().step());
      assertThat(outcome.get())
          .isInstanceOfSatisfying(
              Outcome.Rejected.class,
              rejected -> {
                assertThat(rejected.rejection().reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE);
                assertThat(rejected.rejection().detail()).contains(" MiB").doesNotContain("\n");
              });
    }
  }

  private static List<Pipeline.Judged> judge(
      long workingBytes, AtomicReference<@Nullable Outcome> outcomeOfFirst, Shard... shards) {
    LayerAnalysis analysis =
        new LayerAnalysis(
            AnalysisSettings.DEFAULT,
            new byte[1],
            new AnalysisResources(1, 1L << 40, workingBytes, 0));
    Pipeline pipeline =
        new Pipeline(
            analysis,
            new PipelineSettings(1, 1L << 40, 1L << 40, 0, 60_000),
            System::currentTimeMillis);
    Flux<Delivery> deliveries =
        Flux.range(0, shards.length)
            .map(i -> new LentShard(shards[i], i == 0 ? outcomeOfFirst : new AtomicReference<>()));
    return Objects.requireNonNull(
        pipeline.verdicts(() -> deliveries).collectList().block(Duration.ofSeconds(60)));
  }

  private static Shard shard(
      long step, Shape shape, Dtype dtype, @Nullable Kind kind, MemorySegment data) {
    return new Shard(
        new SnapshotId("r", 0, "w", step),
        shape,
        new RowRange(0, shape.rows()),
        dtype,
        data,
        new Hints(kind, null, null, null, null),
        0);
  }
}

package dev.sinkwatch.bench;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Whole verdicts on batches of small mixers, given as logits: microseconds a mixer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class VerdictBenchmark {
  private static final int BATCH = 4096;

  @Param({"4", "8"})
  int n;

  private Work verdict = Map::of;

  @Setup
  public void fill() {
    RawMatrix logits = RawMatrix.normal(Dtype.F32, BATCH * n, n, 1);
    verdict = new Verdicts(logits, Shape.of(BATCH, n, n), Kind.SINKHORN_LOGITS, 0, false, 1);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Map<String, Double> mixers() throws IOException {
    return verdict.run();
  }
}

package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One pass over a square matrix, in milliseconds; beside it the time to read as many floats. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PassBenchmark {
  @Param({"F32", "BF16", "F16"})
  Dtype dtype = Dtype.F32;

  @Param({"4096"})
  int n;

  @Param({"2"})
  int threads;

  private Work sums = Map::of;
  private Work fused4 = Map::of;
  private Work fused8 = Map::of;
  private Work half4 = Map::of;
  private Work first4 = Map::of;
  private Work first4Outside = Map::of;
  private Work bandwidth = Map::of;

  @Setup
  public void fill() throws IOException {
    Team team = new Team(threads);
    Passes passes = new Passes(team);
    RawMatrix a = RawMatrix.normal(dtype, n, n, 1);
    sums = passes.sums(a);
    fused4 = passes.fused(a, ones(4), 4, false);
    fused8 = passes.fused(a, ones(8), 8, false);
    half4 = passes.fused(a, ones(4), 4, true);
    first4 = passes.first(a, ones(4), 4);
    first4Outside = passes.first(a.outside(), ones(4), 4);
    ReadBandwidth all = new ReadBandwidth(n * n, team);
    bandwidth =
        () -> {
          all.read();
          return Map.of();
        };
  }

  @Benchmark
  public Map<String, Double> sums() throws IOException {
    return sums.run();
  }

  @Benchmark
  public Map<String, Double> fused4() throws IOException {
    return fused4.run();
  }

  @Benchmark
  public Map<String, Double> fused8() throws IOException {
    return fused8.run();
  }

  @Benchmark
  public Map<String, Double> half4() throws IOException {
    return half4.run();
  }

  @Benchmark
  public Map<String, Double> first4() throws IOException {
    return first4.run();
  }

  @Benchmark
  public Map<String, Double> first4Outside() throws IOException {
    return first4Outside.run();
  }

  @Benchmark
  public Map<String, Double> readFloats() throws IOException {
    return bandwidth.run();
  }

  private float[] ones(int k) {
    float[] v = new float[n * k];
    java.util.Arrays.fill(v, 1);
    return v;
  }
}

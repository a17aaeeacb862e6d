package dev.sinkwatch.bench;

import dev.sinkwatch.ingest.Dtype;
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

/** Decoding of one row that the cache holds, in nanoseconds an element. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodeBenchmark {
  private static final int ELEMENTS = 4096;

  @Param({"F32", "BF16", "F16"})
  Dtype dtype = Dtype.F32;

  private final double[] row = new double[ELEMENTS];
  private RawMatrix values = RawMatrix.normal(Dtype.F32, 1, ELEMENTS, 1);

  @Setup
  public void fill() {
    values = RawMatrix.normal(dtype, 1, ELEMENTS, 1);
  }

  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public double[] decode() {
    values.decode(row);
    return row;
  }
}

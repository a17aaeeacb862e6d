package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/** A program that judges one snapshot, always the same, and says what its sigma2 is. */
public final class OneSnapshot {
  private static final int N = 100;

  private OneSnapshot() {}

  @SuppressWarnings("SystemOut") // what it is for
  public static void main(String[] args) throws IOException {
    System.out.println("sigma2 " + sigma2());
  }

  public static double sigma2() throws IOException {
    Random random = new Random(1);
    double[] logits = new double[N * N];
    Arrays.setAll(logits, i -> random.nextGaussian());
    double[] p = new Projection(Projection.Method.LOG, 100, 1, 0).apply(logits, N);
    return new LayerAnalysis(AnalysisSettings.DEFAULT, new byte[] {1})
        .judge(ArraySnapshot.of("w", Shape.of(N, N), p), new LayerHistory())
        .get(Figure.SIGMA2);
  }
}

package dev.sinkwatch.analyzer.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Layers that tests judge, and what they judge them with. */
final class Layers {

  private Layers() {}

  static LayerAnalysis analysis(String secret) {
    return new LayerAnalysis(AnalysisSettings.DEFAULT, secret.getBytes(StandardCharsets.UTF_8));
  }

  static Hints kind(@Nullable Kind kind) {
    return new Hints(kind, null, null, null, null);
  }

  /** Zeros. */
  static ArraySnapshot dense(int rows, int columns) {
    return ArraySnapshot.of("w", Shape.of(rows, columns), new double[rows * columns]);
  }

  static Shape shape(String dimensions) {
    return Shape.of(Arrays.stream(dimensions.split(",", -1)).mapToLong(Long::parseLong).toArray());
  }

  static ArraySnapshot identities(Shape shape) {
    int n = (int) shape.columns();
    double[] values = new double[(int) shape.elements()];
    Arrays.setAll(values, i -> i % (n * n) % (n + 1) == 0 ? 1 : 0);
    return ArraySnapshot.of("w", shape, values);
  }

  /** (1 - g) J + g I, whose detail gain is |g|. */
  static double[] mixer(int n, double gain) {
    double[] p = new double[n * n];
    Arrays.setAll(p, i -> (1 - gain) / n + (i % (n + 1) == 0 ? gain : 0));
    return p;
  }

  /** A doubly stochastic matrix with a spectrum like those of trained layers. */
  static double[] mixed(int n, RandomGenerator random) {
    return new Projection(Projection.Method.LOG, 100, 1, 0).apply(gaussian(n * n, random), n);
  }

  static double[] gaussian(int count, RandomGenerator random) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> random.nextGaussian());
    return values;
  }

  static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(value -> factor * value).toArray();
  }

  static double[] concat(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  static void assertSameBits(LayerVerdict actual, LayerVerdict expected) {
    assertThat(actual.passes()).isEqualTo(expected.passes());
    for (Figure figure : Figure.values()) {
      assertThat(Double.doubleToRawLongBits(actual.get(figure)))
          .as("%s of %s", figure, actual.id())
          .isEqualTo(Double.doubleToRawLongBits(expected.get(figure)));
    }
  }
}

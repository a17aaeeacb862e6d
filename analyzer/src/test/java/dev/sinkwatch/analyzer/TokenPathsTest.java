package dev.sinkwatch.analyzer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.SiteParts;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Matrices of the same tokens in several layers: each token has a path of its own. */
class TokenPathsTest {
  private static final Hints SAMPLED =
      new Hints(Kind.DOUBLY_STOCHASTIC, Observability.SAMPLED, null, null, null);
  private static final double[] UNIFORM = {.5, .5, .5, .5};
  private static final double[] LIVELY = {.95, .05, .05, .95};

  private final StepJudge judge =
      new StepJudge(
          new LayerAnalysis(AnalysisSettings.DEFAULT, "s".getBytes(UTF_8)),
          0.01,
          NoiseModel.DEFAULT);

  @Test
  void noTokenKeepsWhatEachLosesSomewhere() throws IOException {
    ChainVerdict apart = chain(layer(0, 2, UNIFORM, LIVELY), layer(1, 2, LIVELY, UNIFORM));
    assertThat(apart.depthGain()[1]).isEqualTo(0.81, within(1e-12)); // the liveliest of each layer
    assertThat(composite(apart)[1]).isZero();
    ChainVerdict together = chain(layer(0, 2, UNIFORM, LIVELY), layer(1, 2, UNIFORM, LIVELY));
    assertThat(composite(together)[1]).isEqualTo(0.81, within(1e-12));
    assertThat(together.observability()).isEqualTo(Observability.SAMPLED);
  }

  /** n = 2 has one singular value of detail, which is what products of it multiply. */
  @Test
  void theLiveliestPathOfManyTokensIsThatOfTheirProducts() throws IOException {
    int tokens = 64;
    int layers = 5;
    Random random = new Random(7);
    double[] left = new double[tokens];
    java.util.Arrays.fill(left, 1);
    List<ArraySnapshot> snapshots = new ArrayList<>();
    double[] expected = new double[layers];
    for (int l = 0; l < layers; l++) {
      double[][] matrices = new double[tokens][];
      for (int t = 0; t < tokens; t++) {
        double stay = 0.5 + random.nextDouble() / 2;
        matrices[t] = new double[] {stay, 1 - stay, 1 - stay, stay};
        left[t] *= 2 * stay - 1;
        expected[l] = Math.max(expected[l], left[t]);
      }
      snapshots.add(layer(l, 2, matrices));
    }
    ChainVerdict verdict = chain(snapshots.toArray(ArraySnapshot[]::new));
    assertThat(composite(verdict)).containsExactly(expected, within(1e-12));
    assertThat(verdict.depthGain()[layers - 1]).isGreaterThan(2 * expected[layers - 1]);
  }

  /** As many drawn mixers as are usually sampled go with a verdict, and so into the composite. */
  @Test
  void drawnMixersHavePathsToo() throws IOException {
    double[] weight = new double[24 * 32];
    java.util.Arrays.setAll(weight, i -> Math.sin(i * i));
    SiteParts parts = new SiteParts();
    List<LayerVerdict> verdicts = new ArrayList<>();
    for (int l = 0; l < 3; l++) {
      String site = "layers." + l + ".hc_attn_";
      boolean fn = judge.contribute(ArraySnapshot.of(site + "fn", Shape.of(24, 32), weight), parts);
      boolean scale =
          judge.contribute(
              ArraySnapshot.of(site + "scale", Shape.of(3), new double[] {1, 1, 0.2}), parts);
      assertThat(fn && scale).isTrue();
      verdicts.add(
          judge.layer(ArraySnapshot.of(site + "base", Shape.of(24), new double[24]), parts));
    }
    ChainVerdict chain = judge.chains(verdicts).getFirst();
    assertThat(chain.observability()).isEqualTo(Observability.ISOTROPIC_PROXY);
    assertThat(composite(chain)[2]).isPositive().isLessThan(chain.depthGain()[2] / 2);
  }

  private ChainVerdict chain(ArraySnapshot... layers) throws IOException {
    List<LayerVerdict> verdicts = new ArrayList<>();
    for (ArraySnapshot layer : layers) {
      verdicts.add(judge.layer(layer));
    }
    return judge.chains(verdicts).getFirst();
  }

  private static double[] composite(ChainVerdict chain) {
    return Objects.requireNonNull(chain.compositeGain());
  }

  private static ArraySnapshot layer(int index, int n, double[]... matrices) {
    double[] values = new double[matrices.length * n * n];
    for (int t = 0; t < matrices.length; t++) {
      System.arraycopy(matrices[t], 0, values, t * n * n, n * n);
    }
    return ArraySnapshot.of("layers." + index, Shape.of(matrices.length, n, n), values)
        .with(SAMPLED);
  }
}

package dev.sinkwatch.analyzer.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import dev.sinkwatch.ingest.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerivationTest {

  @Test
  void theOperatorIsTransposedAndMixedWithTheIdentity() {
    double[] logits = {0, Math.log(2), Math.log(3), 0};
    Projection projection = new Projection(Method.COLUMNS_FIRST, 1, 1, 0);
    double[] p = projection.apply(logits, 2);
    assertThat(operator(derivation(projection, false, 1), logits, 2)).containsExactly(p);
    assertThat(operator(derivation(projection, true, 1), logits, 2))
        .containsExactly(p[0], p[2], p[1], p[3]);
    assertThat(operator(derivation(projection, true, 0.25), logits, 2))
        .containsExactly(0.25 * p[0] + 0.75, 0.25 * p[2], 0.25 * p[1], 0.25 * p[3] + 0.75);
  }

  @Test
  void largeOperatorsAreTransposedInPlace() {
    int n = 71; // two tiles and a rest
    double[] logits = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      logits[i] = Math.sin(i);
    }
    Projection projection = new Projection(Method.COLUMNS_FIRST, 3, 1, 0);
    double[] p = projection.apply(logits, n);
    double[] transposed = operator(derivation(projection, true, 1), logits, n);
    for (int i = 0; i < n * n; i++) {
      assertThat(transposed[i]).isEqualTo(p[i % n * n + i / n]);
    }
  }

  /** The polar factor of 8 I - 8 J is I - J / 2, whose squares are all the same. */
  @ParameterizedTest
  @CsvSource({
    "tokenbender, 1, 0, 1e-60",
    "tokenbender-orthostochastic, 0.25, 0.25, 1e-3",
    "tokenbender-orthostochastic-5, 0.25, 0.25, 5e-3",
  })
  void whatFourStreamsStartFromIsTheIdentityOrTheUniformMatrix(
      String profile, double diagonal, double beside, double tolerance) {
    double[] start = new double[16];
    for (int i = 0; i < 16; i++) {
      start[i] = i % 5 == 0 ? 0 : -8;
    }
    Derivation derivation =
        Profiles.named(profile)
            .orElseThrow()
            .match("transformer.h.0.hc_attn.H_res_logits", Shape.of(4, 4))
            .orElseThrow()
            .rule()
            .derivation();
    double[] p = operator(derivation, start, 4);
    for (int i = 0; i < 16; i++) {
      assertThat(p[i]).isCloseTo(i % 5 == 0 ? diagonal : beside, within(tolerance));
    }
  }

  private static double[] operator(Derivation derivation, double[] logits, int n) {
    return derivation.operator(logits, n, 1e-3, Team.alone()).matrix();
  }

  private static Derivation derivation(Projection projection, boolean transpose, double share) {
    return new Derivation(LogitsPart.Place.MATRIX, projection, transpose, share);
  }
}

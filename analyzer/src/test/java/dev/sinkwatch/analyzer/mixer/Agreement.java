package dev.sinkwatch.analyzer.mixer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;

/** That figures are those of the plain way but for rounding. */
final class Agreement {

  private Agreement() {}

  static void agree(Figures actual, Figures expected) {
    List<Figure> present = new ArrayList<>();
    List<Figure> wanted = new ArrayList<>();
    actual.forEach((figure, value) -> present.add(figure));
    expected.forEach((figure, value) -> wanted.add(figure));
    assertThat(present).isEqualTo(wanted);
    SoftAssertions softly = new SoftAssertions();
    expected.forEach((figure, value) -> {
      // the rate is a ratio of movements that may be near 1e-11, made of sums rounded at 1e-16
      double relative = figure == Figure.CONTRACTION_RATE ? 1e-4 : 1e-9;
      softly
          .assertThat(isClose(actual.get(figure), value, relative))
          .as("%s: %s, not %s", figure.key(), actual.get(figure), value)
          .isTrue();
    });
    softly.assertAll();
  }

  static void close(double actual, double expected, double relative, String what) {
    if (!isClose(actual, expected, relative)) {
      assertThat(actual).as(what).isEqualTo(expected);
    }
  }

  private static boolean isClose(double actual, double expected, double relative) {
    return Double.compare(actual, expected) == 0
        || Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-12;
  }
}

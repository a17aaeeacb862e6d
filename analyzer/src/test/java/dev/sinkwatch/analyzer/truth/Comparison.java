package dev.sinkwatch.analyzer.truth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Holds verdicts against full decompositions and remembers the largest errors and widths. Safe for
 * several threads.
 *
 * <p>Slack. Reference and analyzer both round: a backward stable decomposition is off by a few n
 * ulps of the largest value, 1e-13 at n = 1024, so of values near 1 nothing below 1e-12 can be
 * told; 1e-9 relative is what the project promises as agreement in double precision, a million
 * times below the width of an interval that it could hide. No slack follows from the data.
 */
final class Comparison {
  static final double RELATIVE = 1e-9;
  static final double ABSOLUTE = 1e-12;

  /** Of the estimates. */
  static final double ACCURACY = 1e-3;

  /** Of a layer's first verdict, and whenever it is certified. */
  static final double CERTIFIED_WIDTH = 0.05;

  /** Of the verdicts that carry an earlier certificate. */
  static final double CARRIED_WIDTH = 0.25;

  /** Up to this size figures are exact and bounds equal. */
  static final int EXACT_SIZE = 64;

  private static final int SHOWN = 8;

  private static final List<Figure> COMPARED =
      List.of(
          Figure.DETAIL_GAIN_LOWER,
          Figure.DETAIL_GAIN,
          Figure.DETAIL_GAIN_UPPER,
          Figure.SIGMA1,
          Figure.SIGMA2_LOWER,
          Figure.SIGMA2,
          Figure.SIGMA2_UPPER,
          Figure.LEAK_TO_DETAIL,
          Figure.LEAK_TO_MEAN);

  private final String name;
  private final boolean estimates;
  private final List<String> failures = new ArrayList<>();
  private int judged;
  private int failed;
  private int smallest = Integer.MAX_VALUE;
  private int largest;
  private int passes;
  private double gainError;
  private double sigma1Error;
  private double sigma2Error;
  private double firstWidth;
  private double laterWidth;

  Comparison(String name) {
    this(name, true);
  }

  private Comparison(String name, boolean estimates) {
    this.name = name;
    this.estimates = estimates;
  }

  /** Of verdicts whose estimates only promise to be within their bounds, beyond the exact size. */
  static Comparison ofBounds(String name) {
    return new Comparison(name, false);
  }

  /**
   * @param which for whoever has to make this operator again
   * @param first whether it is the first verdict on its layer
   */
  synchronized void verdict(String which, FullSvd truth, LayerVerdict verdict, boolean first) {
    int n = verdict.n();
    judged++;
    smallest = Math.min(smallest, n);
    largest = Math.max(largest, n);
    passes = Math.max(passes, verdict.passes());
    int before = failures.size();
    String at = "%s n=%d %s".formatted(which, n, spectrum(verdict));

    double gain = truth.detailGain();
    double lower = verdict.get(Figure.DETAIL_GAIN_LOWER);
    double upper = verdict.get(Figure.DETAIL_GAIN_UPPER);
    bounds(at, "detailGain", gain, lower, verdict.get(Figure.DETAIL_GAIN), upper);
    double lower2 = verdict.get(Figure.SIGMA2_LOWER);
    double upper2 = verdict.get(Figure.SIGMA2_UPPER);
    bounds(at, "sigma2", truth.sigma2(), lower2, verdict.get(Figure.SIGMA2), upper2);

    double accuracy = n <= EXACT_SIZE ? RELATIVE : ACCURACY;
    gainError = Math.max(gainError, error(verdict.get(Figure.DETAIL_GAIN), gain));
    sigma1Error = Math.max(sigma1Error, error(verdict.get(Figure.SIGMA1), truth.sigma1()));
    sigma2Error = Math.max(sigma2Error, error(verdict.get(Figure.SIGMA2), truth.sigma2()));
    if (estimates || n <= EXACT_SIZE) {
      estimate(at, "detailGain", verdict.get(Figure.DETAIL_GAIN), gain, accuracy);
      estimate(at, "sigma1", verdict.get(Figure.SIGMA1), truth.sigma1(), accuracy);
      estimate(at, "sigma2", verdict.get(Figure.SIGMA2), truth.sigma2(), accuracy);
    }

    double width = width(lower, upper);
    double leak = Math.min(verdict.get(Figure.LEAK_TO_DETAIL), verdict.get(Figure.LEAK_TO_MEAN));
    if (leak <= 0.01 * gain) {
      // else the leak's own share makes sigma2's interval wider, as the next check lets it
      width = Math.max(width, width(lower2, upper2));
    }
    if (upper2 > Math.max(lower2, Math.hypot(upper, leak)) * (1 + RELATIVE) + ABSOLUTE) {
      fail("%s: sigma2Upper is above what detailGainUpper and the leak %s leave", at, leak);
    }
    if (first) {
      firstWidth = Math.max(firstWidth, width);
    } else {
      laterWidth = Math.max(laterWidth, width);
    }
    if (n <= EXACT_SIZE ? lower != upper || lower2 != upper2 : !(width <= allowed(first))) {
      fail("%s: bounds %s apart", at, width);
    }
    failed += failures.size() > before ? 1 : 0;
  }

  private static double allowed(boolean first) {
    return first ? CERTIFIED_WIDTH : CARRIED_WIDTH;
  }

  private void bounds(
      String at, String figure, double truth, double lower, double estimate, double upper) {
    if (!lowerHolds(lower, truth)) {
      fail("%s: %sLower is above the truth %s", at, figure, truth);
    }
    if (!upperHolds(upper, truth)) {
      fail("%s: %sUpper is below the truth %s", at, figure, truth);
    }
    if (!(lower <= estimate && estimate <= upper)) {
      fail("%s: %s is outside its own bounds", at, figure);
    }
  }

  private void estimate(String at, String figure, double estimate, double truth, double accuracy) {
    if (!(Math.abs(estimate - truth) <= accuracy * truth + ABSOLUTE)) {
      fail("%s: %s is not %s", at, figure, truth);
    }
  }

  static boolean lowerHolds(double lower, double truth) {
    return lower <= truth * (1 + RELATIVE) + ABSOLUTE;
  }

  static boolean upperHolds(double upper, double truth) {
    return upper >= truth * (1 - RELATIVE) - ABSOLUTE;
  }

  /** Relative, of what is more than rounding. */
  static double width(double lower, double upper) {
    return Math.max(0, upper - lower - ABSOLUTE) / Math.max(lower, Double.MIN_NORMAL);
  }

  private static double error(double estimate, double truth) {
    return Math.max(0, Math.abs(estimate - truth) - ABSOLUTE) / Math.max(truth, Double.MIN_NORMAL);
  }

  @FormatMethod
  private void fail(@FormatString String format, Object... arguments) {
    failures.add(format.formatted(arguments));
  }

  /** Tells in one line what was judged, and fails if anything was not as it should be. */
  synchronized void conclude() {
    System.out.printf(
        Locale.ROOT,
        "%-26s %6d judged, n %d..%d; largest error of detailGain %.1e, sigma1 %.1e, sigma2 %.1e;"
            + " widest interval of a first %.1e, a later %.1e; most passes %d; %d failed%n",
        name,
        judged,
        smallest,
        largest,
        gainError,
        sigma1Error,
        sigma2Error,
        firstWidth,
        laterWidth,
        passes,
        failed);
    assertThat(failed)
        .as(() ->
            "verdicts of %d:%n%s"
                .formatted(
                    judged, failures.stream().limit(SHOWN).collect(Collectors.joining("\n"))))
        .isZero();
  }

  /** What of a verdict is compared here. */
  private static String spectrum(LayerVerdict verdict) {
    StringBuilder text = new StringBuilder();
    for (Figure figure : COMPARED) {
      text.append(figure.key()).append('=').append(verdict.get(figure)).append(' ');
    }
    return text.append("passes=").append(verdict.passes()).toString();
  }
}

package dev.sinkwatch.analyzer.alarm;

import dev.sinkwatch.analyzer.alarm.DriftState.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sequential test of whether a layer's detail gain has left the level that it held: Page's
 * cumulative sum of how far the logit of the gain is below that level, less an allowance. Level,
 * allowance and limit follow from the run itself:
 *
 * <ul>
 *   <li>the level is the mean of the first {@value #FIRST} values, and rises with a slow running
 *       mean, since mixers that learn to mix less have lost nothing
 *   <li>the allowance is {@value #ALLOWANCE} long-run standard deviations of the run's own noise,
 *       at most {@value #MOST_ALLOWANCE} plain ones, and {@value #SMALLEST} for what is too small
 *       to matter
 *   <li>the limit is {@value #LIMIT} long-run standard deviations, at most {@value #MOST_LIMIT}
 *       plain ones; one value counts for at most {@value #MOST_AT_ONCE} of it, so that it takes
 *       three
 *   <li>a standard deviation that is read off few values is taken for larger, by {@value #YOUTH} /
 *       sqrt(values)
 * </ul>
 *
 * docs/alarms.md derives the rate of false alarms. For one thread.
 */
final class DriftWatch {

  /** Values that make the level before anything is judged. */
  static final int FIRST = 24;

  static final double ALLOWANCE = 1.25;
  static final double SMALLEST = 0.1;
  static final double LIMIT = 12;
  static final double MOST_ALLOWANCE = 5;
  static final double MOST_LIMIT = 24;
  static final double MOST_AT_ONCE = 0.4;
  static final double YOUTH = 4;
  private static final double LEAST_LIMIT = 0.5;

  /** While the sum is beyond such a part of its limit, the noise is taken to be as it was. */
  private static final double MOST_NOISE = 0.5;

  /** The running mean forgets over so many values. */
  private static final int MEMORY = 64;

  /** The sum goes up to so many limits, so that it comes down again in a bounded time. */
  private static final double MOST = 2;

  /** Nearer to 0 gains are a matter of rounding. */
  private static final double LEAST_GAIN = 1e-6;

  /**
   * Above it a mixer hardly mixes: one that begins as the identity and learns to is not on its way
   * to the uniform matrix. What goes on above is no movement.
   */
  private static final double MOST_GAIN = 0.9;

  /** Points of the path that are kept. */
  static final int POINTS = 32;

  private static final int MOST_SEEN = 1 << 20;

  private final NoiseScale noise;
  private final List<Point> path;
  private int seen;
  private double mean;
  private double level;
  private double sum;
  private double limit;
  private int stride;
  private int skipped;

  /** Goes on where another one stopped. */
  DriftWatch(DriftState state) {
    noise = new NoiseScale(state);
    path = new ArrayList<>(state.path());
    seen = state.seen();
    mean = state.mean();
    level = state.level();
    sum = state.sum();
    limit = state.limit();
    stride = state.stride();
    skipped = state.skipped();
  }

  /** Training went back to that step: what was seen from there on is void. */
  void back(long step) {
    noise.interrupt();
    path.removeIf(point -> point.step() >= step);
  }

  /**
   * Takes the next gain in.
   *
   * @return null while the level is being made
   */
  @Nullable Drift accept(long step, double gain) {
    double value = logit(gain);
    if (sum <= MOST_NOISE * limit) {
      noise.accept(value, seen);
    } else {
      noise.interrupt(); // a fall is no noise, which would hide it
    }
    seen = Math.min(seen + 1, MOST_SEEN);
    mean += (value - mean) / Math.min(seen, MEMORY);
    if (seen <= FIRST) {
      level = mean;
      return null;
    }
    level = Math.max(level, mean);
    NoiseScale.Scale scale = noise.scale();
    double youth = 1 + YOUTH / Math.sqrt(seen);
    double allowance =
        youth * Math.min(ALLOWANCE * scale.longRun(), MOST_ALLOWANCE * scale.deviation());
    limit =
        Math.max(
            LEAST_LIMIT, youth * Math.min(LIMIT * scale.longRun(), MOST_LIMIT * scale.deviation()));
    double before = sum;
    double excess = level - value - SMALLEST - allowance;
    sum = Math.clamp(sum + Math.min(excess, MOST_AT_ONCE * limit), 0, MOST * limit);
    if (sum == 0) {
      path.clear();
      return new Drift(gain(level), 0, limit, step, null);
    }
    follow(before == 0, new Point(step, value));
    return new Drift(gain(level), sum, limit, path.getFirst().step(), Trend.of(path, step, value));
  }

  private void follow(boolean begins, Point point) {
    if (begins || path.isEmpty()) {
      path.clear();
      stride = 1;
      skipped = 0;
    } else if (++skipped < stride) {
      return;
    }
    skipped = 0;
    path.add(point);
    if (path.size() == POINTS) {
      for (int i = 1; i < path.size(); i++) {
        path.remove(i); // each second one
      }
      stride *= 2;
      skipped = stride / 2;
    }
  }

  DriftState state() {
    List<Double> recent = Arrays.stream(noise.recent()).boxed().toList();
    return new DriftState(
        seen, mean, level, recent, noise.narrow(), noise.wide(), sum, limit, path, stride, skipped);
  }

  static double logit(double gain) {
    double inside = Math.clamp(gain, LEAST_GAIN, MOST_GAIN);
    return Math.log(inside / (1 - inside));
  }

  private static double gain(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }
}

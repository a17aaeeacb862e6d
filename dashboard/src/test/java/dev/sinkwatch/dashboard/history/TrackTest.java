package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A track against a list of all that was ever added. */
class TrackTest {
  private static final List<String> COLUMNS = List.of("constant", "late", "wild", "never");

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Value(long step, long millis, double[] columns) {}

  /** Keeps everything, and pools when asked. */
  private static final class Model {
    private final List<List<Value>> points = new ArrayList<>();
    private int stride = 1;

    void add(Value value, int capacity) {
      boolean fresh = points.isEmpty() || points.getLast().size() == stride;
      while (!points.isEmpty() && points.getLast().getLast().step() >= value.step()) {
        points.removeLast();
        fresh = true;
      }
      if (fresh) {
        points.add(new ArrayList<>());
      }
      points.getLast().add(value);
      while (points.size() > capacity) {
        halve();
      }
    }

    void halve() {
      for (int i = 0; i < points.size() - 1; i++) {
        points.get(i).addAll(points.remove(i + 1));
      }
      stride *= 2;
    }
  }

  @Property(tries = 300)
  void keepsWhatAListWouldHaveKept(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 24) int capacity,
      @ForAll @IntRange(min = 1, max = 300) int adds,
      @ForAll boolean single) {
    Random random = new Random(seed);
    Track track = new Track(COLUMNS, single);
    Model model = new Model();
    long step = random.nextInt(10);
    for (int i = 0; i < adds; i++) {
      switch (random.nextInt(40)) {
        case 0 -> step = Math.max(0, step - random.nextInt(60)); // back to a checkpoint
        case 1 -> {
          track.thin();
          if (model.points.size() > 2) {
            model.halve();
          }
        }
        default -> step += 1 + random.nextInt(3);
      }
      double late = i < adds / 2 || random.nextInt(4) == 0 ? Double.NaN : random.nextInt(8);
      double[] values = {1, late, wild(random), Double.NaN};
      track.add(step, 1000 + i, values, capacity);
      model.add(new Value(step, 1000 + i, values), capacity);
    }
    assertSame(track, model, single);
  }

  private static double wild(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> Double.POSITIVE_INFINITY;
      case 1 -> Double.NaN;
      case 2 -> 1e-60;
      default -> random.nextDouble() * 1e3;
    };
  }

  private static void assertSame(Track track, Model model, boolean single) {
    assertThat(track.stride()).isEqualTo(model.stride);
    assertThat(track.size()).isEqualTo(model.points.size());
    Steps steps = track.steps(0, Long.MAX_VALUE);
    for (int i = 0; i < model.points.size(); i++) {
      assertThat(steps.steps()[i]).isEqualTo(model.points.get(i).getLast().step());
      assertThat(steps.times()[i]).isEqualTo(model.points.get(i).getLast().millis());
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    track.write(json, 0, Long.MAX_VALUE, Integer.MAX_VALUE, all -> true);
    for (int c = 0; c < COLUMNS.size(); c++) {
      List<double[]> extremes = new ArrayList<>();
      int column = c;
      track.visit(
          c, 0, Long.MAX_VALUE, (after, step, min, max) -> extremes.add(new double[] {min, max}));
      for (int i = 0; i < model.points.size(); i++) {
        double[] stored =
            model.points.get(i).stream()
                .mapToDouble(value -> value.columns()[column])
                .map(value -> single ? (float) value : value)
                .toArray();
        double least = Double.NaN;
        double most = Double.NaN;
        for (double value : stored) {
          if (!Double.isNaN(value)) {
            least = Double.isNaN(least) ? value : Math.min(least, value);
            most = Double.isNaN(most) ? value : Math.max(most, value);
          }
        }
        assertThat(extremes.get(i)).containsExactly(least, most);
        double last = stored[stored.length - 1];
        if (Double.isFinite(last)) {
          assertThat(json.get(COLUMNS.get(c)).get(i).asDouble()).isEqualTo(Track.rounded(last));
        } else {
          assertThat(json.get(COLUMNS.get(c)).get(i).isNull()).isTrue();
        }
      }
    }
    assertThat(track.has(3)).isFalse();
    assertThat(json.has("wildMin")).isEqualTo(model.stride > 1);
  }

  @Test
  void whatIsBeyondSinglePrecisionIsNotInfinite() {
    Track track = new Track(List.of("a", "b"), true);
    track.add(1, 0, new double[] {1e300, -1e300}, 10);
    track.visit(0, 0, 9, (after, step, min, max) -> assertThat(max).isEqualTo(Float.MAX_VALUE));
    track.visit(1, 0, 9, (after, step, min, max) -> assertThat(min).isEqualTo(-Float.MAX_VALUE));
  }

  @Test
  void columnsOfOneValueTakeNoRoomAndExtremesNoneBeforeThereArePools() {
    Track constant = new Track(COLUMNS, true);
    Track lively = new Track(COLUMNS, true);
    for (int step = 0; step < 1000; step++) {
      constant.add(step, step, new double[] {1, 2, 3, Double.NaN}, 1000);
      lively.add(step, step, new double[] {step, step, step, Double.NaN}, 1000);
    }
    assertThat(constant.bytes()).isBetween(16_000L, 20_000L); // steps and times
    assertThat(lively.bytes() - constant.bytes()).isBetween(12_000L, 15_000L);
    long whole = lively.bytes();
    lively.add(1000, 0, new double[] {1, 2, 3, Double.NaN}, 1000);
    assertThat(lively.bytes()).isGreaterThan(whole + 20_000);
    lively.thin();
    assertThat(lively.bytes()).isLessThan(whole / 2 + 2000);
  }
}

package dev.sinkwatch.analyzer.alarm;

import dev.sinkwatch.analyzer.alarm.WatchState.Standing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Watches one layer or one chain: takes its readings verdict by verdict, through the warm-up that
 * makes the baseline, and moves its alarms from inactive over pending to firing and back. For one
 * thread.
 */
public final class Watch {

  private static final Standing INACTIVE = new Standing(AlarmState.INACTIVE, 0);

  /** Last changes of each alarm that are remembered. */
  private static final int CHANGES = 4;

  /** What has not changed is remembered anew so often, so that its age tells a run's silence. */
  private static final long REFRESH_MILLIS = 24 * 60 * 60_000L;

  /** A projection that has moved by such a part of the steps that are left is told anew. */
  private static final double PROJECTION_MOVED = 0.1;

  private final String run;
  private final String chain;
  private final String layer;
  private final AlarmSettings settings;
  private final List<Double> warmUp = new ArrayList<>();
  private final Map<String, Standing> standings = new HashMap<>();
  private final List<Alarm> changes = new ArrayList<>();
  private final @Nullable DriftWatch drift;
  private WatchState remembered;
  private int attempt;
  private long step;
  private int seen;

  /**
   * @param chain the chain's name, or empty
   * @param layer the layer's name, or empty
   */
  public Watch(String run, String chain, String layer, AlarmSettings settings) {
    this(WatchState.none(run, chain, layer), settings);
  }

  /** Goes on where another one stopped. */
  public Watch(WatchState state, AlarmSettings settings) {
    this.run = state.run();
    this.chain = state.chain();
    this.layer = state.layer();
    this.settings = settings;
    this.remembered = state;
    attempt = state.attempt();
    step = state.step();
    seen = state.seen();
    warmUp.addAll(state.warmUp());
    standings.putAll(state.standings());
    changes.addAll(state.changes());
    drift = layer.isEmpty() ? null : new DriftWatch(state.drift());
  }

  /**
   * Takes one verdict's readings; those of a verdict that is not newer than the last are passed by.
   *
   * @param figure what the baseline is the median of; NaN when the verdict has none
   * @param readings the verdict's conditions, given what was before
   * @return the alarms that came into another state, and those that fire on and of which another
   *     thing is to be said
   */
  public List<Alarm> accept(
      int attempt, long step, long millis, double figure, Function<Past, List<Reading>> readings) {
    if (attempt < this.attempt || (attempt == this.attempt && step <= this.step)) {
      return List.of();
    }
    if (drift != null && attempt > this.attempt) {
      drift.back(step);
    }
    this.attempt = attempt;
    this.step = step;
    seen = Math.min(seen, settings.warmUp()) + 1;
    boolean warm = seen > settings.warmUp();
    if (!warm && !Double.isNaN(figure)) {
      warmUp.add(figure);
    }
    double baseline = seen >= settings.warmUp() ? median(warmUp) : Double.NaN;
    Drift drifting = drift == null || Double.isNaN(figure) ? null : drift.accept(step, figure);
    List<Alarm> changed = new ArrayList<>();
    for (Reading reading : readings.apply(new Past(baseline, drifting))) {
      boolean atOnce = reading.name().equals(LayerAlarms.NON_FINITE_WEIGHTS);
      if (!warm && !atOnce) {
        continue;
      }
      Standing before = standings.getOrDefault(reading.name(), INACTIVE);
      Standing after = next(before, reading, atOnce ? 1 : settings.consecutive());
      standings.put(reading.name(), after);
      if (after.state() != before.state()) {
        Alarm change = alarm(reading, after.state(), step, millis);
        remember(change);
        changed.add(change);
      } else if (after.state() == AlarmState.FIRING) {
        renewed(reading, step).ifPresent(changed::add);
      }
    }
    return changed;
  }

  /** A firing alarm whose projection has moved by a tenth of what is left until then. */
  private Optional<Alarm> renewed(Reading reading, long step) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      Alarm told = changes.get(i);
      if (told.name().equals(reading.name())) {
        if (!moved(told.projectedStep(), reading.projectedStep(), step)) {
          return Optional.empty();
        }
        Alarm renewed = told.renewed(reading);
        changes.set(i, renewed);
        return Optional.of(renewed);
      }
    }
    return Optional.empty();
  }

  private static boolean moved(@Nullable Long told, @Nullable Long now, long step) {
    if (told == null || now == null) {
      return now != null; // what was told stands until a better line is found
    }
    return Math.abs(now - told) > PROJECTION_MOVED * Math.abs(now - step);
  }

  private void remember(Alarm change) {
    changes.add(change);
    List<Alarm> same = changes.stream().filter(a -> a.name().equals(change.name())).toList();
    if (same.size() > CHANGES) {
      changes.remove(same.getFirst());
    }
  }

  /**
   * What is to be kept for whoever goes on with it, if that is not what was to be kept when it was
   * asked last, or if that was long ago.
   *
   * @param millis of the last verdict, milliseconds since 1970
   */
  public Optional<WatchState> toRemember(long millis) {
    WatchState state = state(millis);
    if (state.saysAsMuchAs(remembered) && millis - remembered.millis() < REFRESH_MILLIS) {
      return Optional.empty();
    }
    remembered = state;
    return Optional.of(state);
  }

  /**
   * What whoever goes on with it needs.
   *
   * @param millis of the last verdict, milliseconds since 1970
   */
  public WatchState state(long millis) {
    return new WatchState(
        run,
        chain,
        layer,
        attempt,
        step,
        millis,
        seen,
        warmUp,
        standings,
        changes,
        drift == null ? DriftState.NONE : drift.state());
  }

  private static Standing next(Standing before, Reading reading, int needed) {
    if (before.state() == AlarmState.FIRING) {
      return reading.lingers() ? before : INACTIVE;
    }
    if (!reading.holds()) {
      return INACTIVE;
    }
    int inARow = before.inARow() + 1;
    return new Standing(inARow >= needed ? AlarmState.FIRING : AlarmState.PENDING, inARow);
  }

  private Alarm alarm(Reading reading, AlarmState state, long step, long millis) {
    return new Alarm(
        run,
        chain,
        layer,
        reading.name(),
        reading.severity(),
        state,
        step,
        millis,
        reading.value(),
        reading.threshold(),
        reading.projectedStep(),
        reading.reason());
  }

  private static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}

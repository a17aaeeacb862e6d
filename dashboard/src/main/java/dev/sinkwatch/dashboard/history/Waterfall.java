package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.dashboard.runs.AlarmJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How detail fell along a chain at its steps, in bounded memory: when it is full, every second step
 * is left out; the newest one is always there. Gains are kept as logarithms in single precision,
 * good to six digits. Safe for use by several threads.
 */
final class Waterfall {
  private static final long ENTRY_BYTES = 128;
  private static final long NAME_BYTES = 80;

  /**
   * @param ordinal which of the chain's verdicts it was
   * @param layers the same list as the entry before has if nothing changed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(
      long ordinal,
      int attempt,
      long step,
      long millis,
      List<String> layers,
      List<String> missing,
      float[] depthGain,
      float @Nullable [] compositeGain,
      double noiseAmplitude,
      boolean assumed,
      int effectiveDepth,
      @Nullable Integer compositeDepth,
      long bytes) {}

  private final List<Entry> entries = new ArrayList<>();

  /** One of so many verdicts is kept. */
  private long every = 1;

  private long bytes;

  /**
   * Adds a verdict. A step that is not beyond the last one takes the place of everything from it
   * on: training went back to a checkpoint.
   *
   * @param millis when it was, milliseconds since 1970
   * @param points steps to keep at most, 2 or more
   * @param most bytes that they may take
   */
  synchronized void add(ChainVerdict verdict, long millis, int points, long most) {
    while (!entries.isEmpty() && entries.getLast().step() >= verdict.step()) {
      drop(entries.size() - 1);
    }
    long ordinal = entries.isEmpty() ? 0 : entries.getLast().ordinal() + 1;
    if (!entries.isEmpty() && entries.getLast().ordinal() % every != 0) {
      drop(entries.size() - 1); // it was there as the newest only
    }
    Entry entry = entry(verdict, ordinal, millis);
    entries.add(entry);
    bytes += entry.bytes();
    while (entries.size() > 2 && (entries.size() > points || bytes > most)) {
      thin();
    }
  }

  /** Leaves out every second step; nothing happens to two. */
  synchronized void thin() {
    if (entries.size() <= 2) {
      return;
    }
    every *= 2;
    for (int i = entries.size() - 2; i > 0; i--) {
      if (entries.get(i).ordinal() % every != 0) {
        drop(i);
      }
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized int size() {
    return entries.size();
  }

  /**
   * Writes the last step that is kept up to that one, or else the first.
   *
   * @param snrCritical NaN when there is none
   */
  synchronized void write(ObjectNode json, long step, double snrCritical) {
    Entry entry = at(step);
    json.put("attempt", entry.attempt());
    json.put("step", entry.step());
    json.put("time", entry.millis());
    names(json.putArray("layers"), entry.layers());
    names(json.putArray("missing"), entry.missing());
    gains(json.putArray("depthGain"), entry.depthGain());
    if (entry.compositeGain() == null) {
      json.putNull("compositeGain");
    } else {
      gains(json.putArray("compositeGain"), entry.compositeGain());
    }
    AlarmJson.put(json, "noiseAmplitude", entry.noiseAmplitude());
    json.put("assumed", entry.assumed());
    AlarmJson.put(json, "snrCritical", snrCritical);
    json.put("networkEffectiveDepth", entry.effectiveDepth());
    json.put("compositeEffectiveDepth", entry.compositeDepth());
  }

  private Entry at(long step) {
    int low = 0;
    int high = entries.size() - 1;
    while (low < high) { // the first is the answer when none is early enough
      int middle = (low + high + 1) >>> 1;
      if (entries.get(middle).step() <= step) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return entries.get(low);
  }

  private Entry entry(ChainVerdict verdict, long ordinal, long millis) {
    boolean same = !entries.isEmpty() && entries.getLast().layers().equals(verdict.layers());
    List<String> layers = same ? entries.getLast().layers() : List.copyOf(verdict.layers());
    double[] composite = verdict.compositeGain();
    float[] compositeGain = composite == null ? null : logarithms(composite);
    float[] depthGain = logarithms(verdict.depthGain());
    long numbers = (long) depthGain.length + (compositeGain == null ? 0 : compositeGain.length);
    long names = (long) verdict.missing().size() + (same ? 0 : layers.size());
    return new Entry(
        ordinal,
        verdict.attempt(),
        verdict.step(),
        millis,
        layers,
        List.copyOf(verdict.missing()),
        depthGain,
        compositeGain,
        verdict.noiseAmplitude(),
        verdict.noiseAssumed(),
        verdict.networkEffectiveDepth(),
        verdict.compositeEffectiveDepth(),
        ENTRY_BYTES + Float.BYTES * numbers + NAME_BYTES * names);
  }

  private void drop(int index) {
    bytes -= entries.remove(index).bytes();
  }

  private static float[] logarithms(double[] gains) {
    float[] logarithms = new float[gains.length];
    for (int i = 0; i < gains.length; i++) {
      logarithms[i] = (float) Math.log(gains[i]);
    }
    return logarithms;
  }

  private static void gains(ArrayNode array, float[] logarithms) {
    for (float logarithm : logarithms) {
      double gain = Math.exp(logarithm);
      if (Double.isFinite(gain)) {
        array.add(Track.rounded(gain));
      } else {
        array.addNull();
      }
    }
  }

  private static void names(ArrayNode array, List<String> names) {
    names.forEach(array::add);
  }
}

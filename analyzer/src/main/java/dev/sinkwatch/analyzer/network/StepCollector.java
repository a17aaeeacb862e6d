package dev.sinkwatch.analyzer.network;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Collects the operators of one run step by step until a step is complete: until all operators of
 * the run's last complete step have arrived; at first as many as the publisher said; else until the
 * timeout. For one thread.
 */
public final class StepCollector {

  /** More steps than this are never open at once; the oldest is then closed as at its timeout. */
  private static final int MAX_OPEN_STEPS = 64;

  /**
   * A step that is ready to be judged.
   *
   * @param links its operators that have figures, in the sequence of their arrival
   * @param missing n of each operator that did not arrive, or arrived without figures, by its name
   */
  public record Step(List<LayerVerdict> links, Map<String, Integer> missing) {}

  /** Most memory of verdicts that wait for the rest of their step; one step may take it all. */
  private static final long MAX_BYTES = 32 << 20;

  /** What a verdict takes beside its matrix, roughly. */
  private static final long VERDICT_BYTES = 1024;

  private record Open(long sinceMillis, Map<String, LayerVerdict> arrived) {
    long bytes() {
      return arrived.values().stream().mapToLong(StepCollector::bytes).sum();
    }
  }

  private final long timeoutMillis;
  private final TreeMap<Long, Open> open = new TreeMap<>();
  private final Set<Long> closed = new LinkedHashSet<>();

  /** n by name of the operators that make a step complete. */
  private Map<String, Integer> expected = new LinkedHashMap<>();

  private int attempt;
  private long bytes;

  public StepCollector(long timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  /**
   * Takes the verdict on an operator in.
   *
   * @return the steps that it closes
   */
  public List<Step> accept(LayerVerdict verdict, long nowMillis) {
    if (verdict.id().attempt() < attempt) {
      return List.of();
    }
    if (verdict.id().attempt() > attempt) {
      attempt = verdict.id().attempt();
      open.clear();
      bytes = 0;
      closed.clear();
      expected = new LinkedHashMap<>();
    }
    long number = verdict.id().step();
    if (closed.contains(number)) {
      // it came too late for this step: the next ones wait for it
      expected.put(verdict.id().layer(), verdict.n());
      return List.of();
    }
    Open step = open.computeIfAbsent(number, absent -> new Open(nowMillis, new LinkedHashMap<>()));
    LayerVerdict before = step.arrived().put(verdict.id().layer(), verdict);
    bytes += bytes(verdict) - (before == null ? 0 : bytes(before));
    if (complete(step, verdict)) {
      expected = sizes(step);
      return close(List.of(number));
    }
    return open.size() > MAX_OPEN_STEPS || bytes > MAX_BYTES
        ? close(List.of(open.firstKey()))
        : List.of();
  }

  /** Closes the steps whose time is over. */
  public List<Step> tick(long nowMillis) {
    return close(
        open.entrySet().stream()
            .filter(step -> nowMillis - step.getValue().sinceMillis() >= timeoutMillis)
            .map(Map.Entry::getKey)
            .toList());
  }

  private boolean complete(Open step, LayerVerdict newest) {
    if (!expected.isEmpty()) {
      return step.arrived().keySet().containsAll(expected.keySet());
    }
    return newest.operators() != null && step.arrived().size() >= newest.operators();
  }

  private List<Step> close(Collection<Long> numbers) {
    List<Step> steps = new ArrayList<>();
    for (long number : numbers) {
      Open step = java.util.Objects.requireNonNull(open.remove(number));
      bytes -= step.bytes();
      closed.add(number);
      if (closed.size() > 4 * MAX_OPEN_STEPS) {
        closed.remove(closed.iterator().next());
      }
      if (expected.isEmpty()) {
        expected = sizes(step);
      }
      Map<String, Integer> missing = new LinkedHashMap<>(expected);
      missing.putAll(sizes(step));
      List<LayerVerdict> links =
          step.arrived().values().stream().filter(LayerVerdict::link).toList();
      links.forEach(link -> missing.remove(link.id().layer()));
      steps.add(new Step(links, missing));
    }
    return steps;
  }

  private static long bytes(LayerVerdict verdict) {
    double[] matrix = verdict.matrix();
    return VERDICT_BYTES + (matrix == null ? 0 : Double.BYTES * (long) matrix.length);
  }

  private static Map<String, Integer> sizes(Open step) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    step.arrived().forEach((layer, verdict) -> sizes.put(layer, verdict.n()));
    return sizes;
  }
}

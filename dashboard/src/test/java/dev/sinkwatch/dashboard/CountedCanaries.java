package dev.sinkwatch.dashboard;

import dev.sinkwatch.dashboard.canary.CanaryFailure;
import dev.sinkwatch.dashboard.canary.CanaryListener;
import dev.sinkwatch.dashboard.canary.Comparison;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a canary of its own hears. */
final class CountedCanaries implements CanaryListener {
  final AtomicLong published = new AtomicLong();
  final AtomicLong answered = new AtomicLong();
  final AtomicLong late = new AtomicLong();
  final AtomicLong failed = new AtomicLong();
  final AtomicLong wrong = new AtomicLong();
  final Set<Integer> partitionsWithLoss = ConcurrentHashMap.newKeySet();
  final AtomicLong lost = new AtomicLong();
  final Queue<Long> delays = new ConcurrentLinkedQueue<>();

  @Override
  public void published(int partition) {
    published.incrementAndGet();
  }

  @Override
  public void failed(CanaryFailure reason, String line) {
    failed.incrementAndGet();
  }

  @Override
  public void answered(int partition, long nanos) {
    answered.incrementAndGet();
    delays.add(nanos);
  }

  @Override
  public void lost(int partition) {
    lost.incrementAndGet();
    partitionsWithLoss.add(partition);
  }

  @Override
  public void late(int partition, long nanos) {
    late.incrementAndGet();
  }

  @Override
  public void compared(Comparison comparison) {
    if (!comparison.right()) {
      wrong.incrementAndGet();
    }
  }
}

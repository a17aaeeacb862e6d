package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.ingest.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What weight decay alone would have made of the first logits of a layer: decoupled decay, as
 * AdamW's, shrinks them by 1 - learningRate weightDecay a step. Between two snapshots the rate is
 * taken to go evenly from what the one says to what the other says. For one thread at a time.
 */
final class DecayedLogits {
  private final LogitsPart.Logits first;
  private double log;
  private double rate;
  private long step;

  private DecayedLogits(LogitsPart.Logits first, double rate, long step) {
    this.first = first;
    this.rate = rate;
    this.step = step;
  }

  /** What a step takes, as a logarithm; null if the publisher does not say, or it takes all. */
  static @Nullable Double rate(Snapshot snapshot) {
    Double learningRate = snapshot.hints().learningRate();
    Double weightDecay = snapshot.hints().weightDecay();
    return learningRate == null || weightDecay == null || learningRate * weightDecay >= 1
        ? null
        : (Double) Math.log1p(-learningRate * weightDecay);
  }

  /**
   * @param logits not copied, so not to be changed
   * @param rate of that snapshot
   */
  static DecayedLogits of(LogitsPart.Logits logits, double rate, long step) {
    return new DecayedLogits(logits, rate, step);
  }

  /** Bytes that logits take. */
  static long bytes(LogitsPart.Logits logits) {
    return 8L * logits.values().length;
  }

  /** Whether these are logits of the same operators. */
  boolean fits(LogitsPart.Logits logits) {
    return logits.n() == first.n() && logits.batch() == first.batch();
  }

  /** Lets the first logits decay until a later step. */
  void until(long later, double itsRate) {
    log += (later - step) * (rate + itsRate) / 2;
    rate = itsRate;
    step = later;
  }

  /** What is left of each logit. */
  double factor() {
    return Math.exp(log);
  }

  /** What the logits would be. */
  LogitsPart.Logits logits() {
    double factor = factor();
    double[] decayed = first.values().clone();
    for (int i = 0; i < decayed.length; i++) {
      decayed[i] *= factor;
    }
    return new LogitsPart.Logits(decayed, first.batch(), first.n());
  }

  long held() {
    return bytes(first);
  }
}

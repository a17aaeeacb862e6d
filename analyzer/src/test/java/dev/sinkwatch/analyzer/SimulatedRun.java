package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A training run of {@value #STEPS} steps, as its mixers' logits see it: each is drawn back to
 * where training wants it and pushed about by the noise of the gradients, so that snapshots are
 * autocorrelated as real ones are. A snapshot of each layer every {@value #EVERY} steps.
 */
final class SimulatedRun {
  static final int STEPS = 2000;
  static final int EVERY = 10;
  static final int LAYERS = 2;
  static final int N = 4;

  /** What becomes of a run. */
  enum Fate {
    HEALTHY_NOISE(true),
    LEARNING_RATE_WARM_UP(true),
    RESTART(true),
    SLOW_COLLAPSE(false),
    SUDDEN_COLLAPSE(false),
    WEIGHT_DECAY(false),
    FROZEN(false);

    final boolean healthy;

    Fate(boolean healthy) {
      this.healthy = healthy;
    }

    String words() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
  }

  private final Fate fate;
  private final Random random;
  private final double[][] wanted = new double[LAYERS][];
  private final double[][] logits = new double[LAYERS][];
  private final double pull;
  private final double noise;
  private final int warmUp;
  private final double half;
  private final double learningRate = 1e-2;
  private final double weightDecay;

  /** First step at which something goes wrong; a restarted run goes back from there. */
  final int onset;

  SimulatedRun(Fate fate, long seed, Healthy healthy) {
    this.fate = fate;
    random = new Random(seed);
    pull =
        0.005
            + 0.03 * random.nextDouble(); // correlations of 0.70 to 0.95 from snapshot to snapshot
    noise = (0.02 + 0.08 * random.nextDouble()) * Math.sqrt(pull * (2 - pull));
    warmUp = fate == Fate.LEARNING_RATE_WARM_UP ? 100 + random.nextInt(400) : 0;
    half = 150 + 130 * random.nextDouble();
    weightDecay = 0.17 + 0.06 * random.nextDouble();
    onset =
        switch (fate) {
          case HEALTHY_NOISE, LEARNING_RATE_WARM_UP, WEIGHT_DECAY -> 0;
          case RESTART -> 1000 + random.nextInt(600);
          case SLOW_COLLAPSE -> 500 + random.nextInt(300);
          case SUDDEN_COLLAPSE -> 400 + random.nextInt(1200);
          case FROZEN -> random.nextBoolean() ? 0 : 300 + random.nextInt(1000);
        };
    for (int layer = 0; layer < LAYERS; layer++) {
      do {
        wanted[layer] = random.doubles(N * N, -3, 3).toArray();
      } while (!healthy.healthy(wanted[layer]));
      logits[layer] = wanted[layer].clone();
      if (fate == Fate.LEARNING_RATE_WARM_UP) {
        for (int i = 0; i < N * N; i++) {
          logits[layer][i] *= 0.7; // mixers that learn to mix less
        }
      }
    }
  }

  /** Whether an operator of those logits is one that nobody would call ill. */
  interface Healthy {
    boolean healthy(double[] logits);
  }

  /** The run's snapshots in the order in which they are published. */
  List<ArraySnapshot> snapshots() {
    List<ArraySnapshot> snapshots = new ArrayList<>();
    int attempt = 0;
    int checkpoint = fate == Fate.RESTART ? onset - 100 - random.nextInt(400) : -1;
    double[][] saved = new double[LAYERS][];
    for (int step = 0; step <= STEPS; step++) {
      if (step == checkpoint && attempt == 0) {
        for (int layer = 0; layer < LAYERS; layer++) {
          saved[layer] = logits[layer].clone();
        }
      }
      if (fate == Fate.RESTART && step == onset && attempt == 0) {
        attempt = 1;
        step = checkpoint;
        System.arraycopy(saved, 0, logits, 0, LAYERS);
      }
      for (int layer = 0; layer < LAYERS; layer++) {
        if (step % EVERY == 0) {
          snapshots.add(snapshot(attempt, layer, step));
        }
        train(logits[layer], wanted[layer], step);
      }
    }
    return snapshots;
  }

  private void train(double[] theta, double[] target, int step) {
    double rate = warmUp == 0 ? 1 : Math.min(1, step / (double) warmUp);
    for (int i = 0; i < theta.length; i++) {
      switch (fate) {
        case WEIGHT_DECAY -> theta[i] *= 1 - learningRate * weightDecay;
        case FROZEN -> {
          if (step == onset) {
            theta[i] = i % (N + 1) == 0 ? 40 : 0; // and no gradient comes through from now on
          } else if (step < onset) {
            walk(theta, i, target[i], rate);
          }
        }
        case SLOW_COLLAPSE ->
            walk(theta, i, target[i] * Math.pow(0.5, Math.max(0, step - onset) / half), rate);
        case SUDDEN_COLLAPSE -> {
          if (step == onset) {
            theta[i] *= 0.02;
          }
          walk(theta, i, step < onset ? target[i] : 0.02 * target[i], rate);
        }
        case HEALTHY_NOISE, LEARNING_RATE_WARM_UP, RESTART -> walk(theta, i, target[i], rate);
      }
    }
  }

  private void walk(double[] theta, int i, double target, double rate) {
    theta[i] += rate * pull * (target - theta[i]) + rate * noise * random.nextGaussian();
  }

  private ArraySnapshot snapshot(int attempt, int layer, int step) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * N * N).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(logits[layer]);
    boolean decays = fate == Fate.WEIGHT_DECAY;
    return new ArraySnapshot(
        new SnapshotId("r", attempt, "h." + layer + ".logits", step),
        Shape.of(N, N),
        Dtype.F64,
        new Hints(
            Kind.SINKHORN_LOGITS,
            null,
            layer,
            LAYERS,
            null,
            decays ? (Double) learningRate : null,
            decays ? (Double) weightDecay : null),
        MemorySegment.ofArray(bytes.array()),
        1000L * step);
  }
}

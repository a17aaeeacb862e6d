package dev.sinkwatch.analyzer.truth;

import java.util.random.RandomGenerator;

/** Operators whose spectra are hard in different ways. */
enum Family {
  /** No gap behind sigma2. */
  BULK {
    @Override
    double[] of(int n, RandomGenerator random) {
      return Mixers.bulk(n, random.nextDouble(0.3, 3), random);
    }
  },
  /** One direction decays slowly, all others much faster. */
  GAP {
    @Override
    double[] of(int n, RandomGenerator random) {
      double share = random.nextDouble(0.3, 0.95);
      return Mixers.mix(share, Mixers.bulk(n, 1, random), Mixers.split(n, random));
    }
  },
  /** Several of the largest singular values are equal or nearly so, down to a relative 1e-7. */
  CLUSTERED {
    @Override
    double[] of(int n, RandomGenerator random) {
      double[] sigma = new double[Math.min(n - 1, 2 + random.nextInt(11))];
      double spread = decades(-7, -2, random);
      double top = random.nextDouble(0.02, 0.05);
      for (int k = 0; k < sigma.length; k++) {
        sigma[k] = top * (1 - spread * random.nextDouble());
      }
      return Mixers.ofSpectrum(n, sigma, random);
    }
  },
  NEAR_IDENTITY {
    @Override
    double[] of(int n, RandomGenerator random) {
      return Mixers.mix(decades(-7, -1, random), Mixers.identity(n), Mixers.bulk(n, 1, random));
    }
  },
  NEAR_UNIFORM {
    @Override
    double[] of(int n, RandomGenerator random) {
      return Mixers.mix(decades(-8, -2, random), Mixers.uniform(n), Mixers.bulk(n, 1, random));
    }
  },
  /** One permutation, whose singular values are all 1, or a mixture of two or three. */
  PERMUTATIONS {
    @Override
    double[] of(int n, RandomGenerator random) {
      double[] p = Mixers.permutation(n, random);
      for (int more = random.nextInt(3); more > 0; more--) {
        p = Mixers.mix(random.nextDouble(0.5), p, Mixers.permutation(n, random));
      }
      return p;
    }
  },
  /** Blocks that do not talk, or hardly. */
  BLOCK_DIAGONAL {
    @Override
    double[] of(int n, RandomGenerator random) {
      double coupling = random.nextBoolean() ? 0 : decades(-6, -1, random);
      return Mixers.mix(coupling, Mixers.blocks(n, random), Mixers.uniform(n));
    }
  },
  /** Nothing behind a few singular values. */
  LOW_RANK {
    @Override
    double[] of(int n, RandomGenerator random) {
      double[] sigma = new double[Math.min(n - 1, 1 + random.nextInt(4))];
      for (int k = 0; k < sigma.length; k++) {
        sigma[k] = random.nextDouble(0.001, 0.1);
      }
      return Mixers.ofSpectrum(n, sigma, random);
    }
  },
  /** Sums between 0.9 and 1.1: sigma2 is no longer the detail gain. */
  INEXACT {
    @Override
    double[] of(int n, RandomGenerator random) {
      double[] p = Mixers.bulk(n, 1, random);
      double off = random.nextDouble(0.001, 0.045);
      boolean columnsToo = random.nextBoolean();
      for (int side = 0; side < (columnsToo ? 2 : 1); side++) {
        for (int i = 0; i < n; i++) {
          double factor = 1 + random.nextDouble(-off, off);
          for (int j = 0; j < n; j++) {
            p[side == 0 ? i * n + j : j * n + i] *= factor;
          }
        }
      }
      return p;
    }
  };

  /** An operator, row-major; n is 2 or more. */
  abstract double[] of(int n, RandomGenerator random);

  /** Log-uniform between powers of ten. */
  static double decades(double from, double to, RandomGenerator random) {
    return Math.pow(10, random.nextDouble(from, to));
  }
}

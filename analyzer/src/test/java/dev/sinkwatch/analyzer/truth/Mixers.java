package dev.sinkwatch.analyzer.truth;

import java.util.random.RandomGenerator;

/** What doubly stochastic matrices are made of in these tests; all n x n, row-major. */
final class Mixers {

  private Mixers() {}

  /** Sinkhorn's scaling of log-normal entries: a bulk of singular values without a gap. */
  static double[] bulk(int n, double deviation, RandomGenerator random) {
    double[] p = new double[n * n];
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(deviation * random.nextGaussian());
    }
    double[] columns = new double[n];
    for (int iteration = 0; iteration < 20; iteration++) {
      java.util.Arrays.fill(columns, 0);
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          sum += p[i * n + j];
        }
        for (int j = 0; j < n; j++) {
          p[i * n + j] /= sum;
          columns[j] += p[i * n + j];
        }
      }
      for (int i = 0; i < p.length; i++) {
        p[i] /= columns[i % n];
      }
    }
    return p;
  }

  static double[] uniform(int n) {
    double[] p = new double[n * n];
    java.util.Arrays.fill(p, 1.0 / n);
    return p;
  }

  static double[] identity(int n) {
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      p[i * n + i] = 1;
    }
    return p;
  }

  static double[] permutation(int n, RandomGenerator random) {
    int[] image = shuffled(n, random);
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      p[i * n + image[i]] = 1;
    }
    return p;
  }

  /** (1 - share) p + share r. */
  static double[] mix(double share, double[] p, double[] r) {
    double[] mixed = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      mixed[i] = (1 - share) * p[i] + share * r[i];
    }
    return mixed;
  }

  /**
   * Uniform on two pairs of random sets of rows and columns, so that it keeps one direction of
   * detail whole and loses all others at once.
   */
  static double[] split(int n, RandomGenerator random) {
    int[] row = shuffled(n, random);
    int[] column = shuffled(n, random);
    int first = n / 2;
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (i < first == j < first) {
          p[row[i] * n + column[j]] = 1.0 / (i < first ? first : n - first);
        }
      }
    }
    return p;
  }

  /** Bulks of random sizes along the diagonal, which do not talk to each other. */
  static double[] blocks(int n, RandomGenerator random) {
    double[] p = new double[n * n];
    int most = Math.max(2, n / 2);
    for (int at = 0, size; at < n; at += size) {
      size = Math.min(1 + random.nextInt(most), n - at);
      double[] block = bulk(size, 1, random);
      for (int i = 0; i < size; i++) {
        System.arraycopy(block, i * size, p, (at + i) * n + at, size);
      }
    }
    return p;
  }

  /**
   * J and the given singular values with random directions of detail: exactly this spectrum. Its
   * sums are 1; it is not negative when the values' squares sum to a few hundredths.
   *
   * @param sigma at most n - 1 values
   */
  static double[] ofSpectrum(int n, double[] sigma, RandomGenerator random) {
    double[][] left = directions(n, sigma.length, random);
    double[][] right = directions(n, sigma.length, random);
    double[] p = uniform(n);
    for (int k = 0; k < sigma.length; k++) {
      for (int i = 0; i < n; i++) {
        double share = sigma[k] * left[k][i];
        for (int j = 0; j < n; j++) {
          p[i * n + j] += share * right[k][j];
        }
      }
    }
    return p;
  }

  /** Orthonormal vectors at a right angle to 1. */
  static double[][] directions(int n, int count, RandomGenerator random) {
    double[][] found = new double[count][];
    for (int k = 0; k < count; k++) {
      double[] x = random.doubles(n, -1, 1).toArray();
      for (int again = 0; again < 2; again++) {
        double mean = 0;
        for (double value : x) {
          mean += value / n;
        }
        for (int i = 0; i < n; i++) {
          x[i] -= mean;
        }
        for (int other = 0; other < k; other++) {
          add(x, -dot(x, found[other]), found[other]);
        }
      }
      double norm = Math.sqrt(dot(x, x));
      for (int i = 0; i < n; i++) {
        x[i] /= norm;
      }
      found[k] = x;
    }
    return found;
  }

  /** QPQ. */
  static double[] centred(double[] p, int n) {
    double[] rows = new double[n];
    double[] columns = new double[n];
    double[] centred = p.clone();
    // twice: what rounding leaves of large means would count near the uniform matrix
    for (int again = 0; again < 2; again++) {
      java.util.Arrays.fill(rows, 0);
      java.util.Arrays.fill(columns, 0);
      double mean = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          rows[i] += centred[i * n + j] / n;
          columns[j] += centred[i * n + j] / n;
        }
        mean += rows[i] / n;
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          centred[i * n + j] -= rows[i] + (columns[j] - mean);
        }
      }
    }
    return centred;
  }

  static double frobenius(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  /** x += factor y. */
  static void add(double[] x, double factor, double[] y) {
    for (int i = 0; i < x.length; i++) {
      x[i] += factor * y[i];
    }
  }

  private static int[] shuffled(int n, RandomGenerator random) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}

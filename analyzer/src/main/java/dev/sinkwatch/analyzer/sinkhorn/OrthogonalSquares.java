package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.Team;
import java.util.List;

/**
 * The squares of an orthogonal matrix's elements, which are doubly stochastic. The matrix is made
 * of n x n coefficients by steps of Newton's and Schulz's iteration, from X = coefficients / (their
 * norm + epsilon) on. Where its singular values have not all come to 1, above all those that began
 * near 0, the sums are off 1: in the model as here.
 *
 * @param steps one or more
 * @param epsilon added to the norm
 */
public record OrthogonalSquares(List<Step> steps, double epsilon) implements Construction {

  /** X becomes linear X + cubic X X'X + quintic (X X')^2 X. */
  public record Step(double linear, double cubic, double quintic) {}

  /** Products of larger matrices would take seconds. */
  private static final int MOST_STREAMS = 256;

  /** Singular values that are tried, and what is far beyond those of an orthogonal matrix. */
  private static final int SAMPLES = 1000;

  private static final double MODERATE = 1e6;

  public OrthogonalSquares {
    if (steps.isEmpty() || !(epsilon >= 0)) {
      throw new IllegalArgumentException(steps.size() + " steps, epsilon " + epsilon);
    }
    steps = List.copyOf(steps);
  }

  @Override
  public long coefficients(int n) {
    return n <= MOST_STREAMS ? (long) n * n : 0;
  }

  @Override
  public Projected project(double[] coefficients, int n, double tolerance, Team team) {
    double largest = 0;
    for (double value : coefficients) {
      largest = Math.max(largest, Math.abs(value));
    }
    double[] x = new double[n * n];
    if (largest > 0) {
      double squares = 0; // of what is scaled to 1, which cannot overflow
      for (int i = 0; i < x.length; i++) {
        x[i] = coefficients[i] / largest;
        squares += x[i] * x[i];
      }
      double norm = Math.sqrt(squares) + epsilon / largest;
      for (int i = 0; i < x.length; i++) {
        x[i] /= norm;
      }
    }
    for (Step step : steps) {
      x = step(x, n, step);
    }
    for (int i = 0; i < x.length; i++) {
      x[i] *= x[i];
    }
    return new Projected(x, Convergence.NONE, Double.NaN);
  }

  /**
   * Whether matrices whose singular values are between 0 and 1, as all are once they are divided by
   * their norm, stay of moderate size: a step takes each singular value s to a s + b s^3 + c s^5.
   */
  public static boolean staysBounded(List<Step> steps) {
    for (int i = 0; i <= SAMPLES; i++) {
      double s = (double) i / SAMPLES;
      for (Step step : steps) {
        s *= step.linear + s * s * (step.cubic + s * s * step.quintic);
        if (!(Math.abs(s) <= MODERATE)) {
          return false;
        }
      }
    }
    return true;
  }

  private static double[] step(double[] x, int n, Step step) {
    double[] gram = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += x[i * n + k] * x[j * n + k];
        }
        gram[i * n + j] = sum;
        gram[j * n + i] = sum;
      }
    }
    double[] factor = product(gram, gram, n);
    for (int i = 0; i < factor.length; i++) {
      factor[i] = step.cubic * gram[i] + step.quintic * factor[i];
    }
    double[] next = product(factor, x, n);
    for (int i = 0; i < next.length; i++) {
      next[i] += step.linear * x[i];
    }
    return next;
  }

  private static double[] product(double[] a, double[] b, int n) {
    double[] product = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        double factor = a[i * n + k];
        for (int j = 0; j < n; j++) {
          product[i * n + j] += factor * b[k * n + j];
        }
      }
    }
    return product;
  }

  @Override
  public String inWords() {
    return "squares of an orthogonal matrix, " + steps.size() + " steps, epsilon " + epsilon;
  }
}

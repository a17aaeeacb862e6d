package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import jdk.incubator.vector.DoubleVector;

/**
 * Sinkhorn iterations of a vector of 4 x 4 matrices that never leave the registers. They are kept
 * as a = 1/u and b = 1/v: a_i = (K v)_i + epsilon a_i is all that an iteration does to a row but
 * for the reciprocal. An iteration is one long chain, so its latency counts and not its number of
 * operations: two rows that shared a division would wait longer. Written out, because the compiler
 * keeps arrays of vectors in memory. Stateless.
 */
final class FourByFour {
  private FourByFour() {}

  /**
   * @param k row-major
   * @param at first of the lanes
   * @param history receives for each iteration, from row 1 on, four sums of rows before they are
   *     divided by (sum + epsilon), and four of columns
   */
  static void iterate(
      double[] k,
      double[] u,
      double[] v,
      double[] history,
      double epsilon,
      int lanes,
      int at,
      int count) {
    DoubleVector one = broadcast(D, 1);
    DoubleVector eps = broadcast(D, epsilon);
    DoubleVector minus = broadcast(D, -epsilon);
    DoubleVector k00 = fromArray(D, k, at);
    DoubleVector k01 = fromArray(D, k, lanes + at);
    DoubleVector k02 = fromArray(D, k, 2 * lanes + at);
    DoubleVector k03 = fromArray(D, k, 3 * lanes + at);
    DoubleVector k10 = fromArray(D, k, 4 * lanes + at);
    DoubleVector k11 = fromArray(D, k, 5 * lanes + at);
    DoubleVector k12 = fromArray(D, k, 6 * lanes + at);
    DoubleVector k13 = fromArray(D, k, 7 * lanes + at);
    DoubleVector k20 = fromArray(D, k, 8 * lanes + at);
    DoubleVector k21 = fromArray(D, k, 9 * lanes + at);
    DoubleVector k22 = fromArray(D, k, 10 * lanes + at);
    DoubleVector k23 = fromArray(D, k, 11 * lanes + at);
    DoubleVector k30 = fromArray(D, k, 12 * lanes + at);
    DoubleVector k31 = fromArray(D, k, 13 * lanes + at);
    DoubleVector k32 = fromArray(D, k, 14 * lanes + at);
    DoubleVector k33 = fromArray(D, k, 15 * lanes + at);
    DoubleVector u0 = fromArray(D, u, at);
    DoubleVector u1 = fromArray(D, u, lanes + at);
    DoubleVector u2 = fromArray(D, u, 2 * lanes + at);
    DoubleVector u3 = fromArray(D, u, 3 * lanes + at);
    DoubleVector v0 = fromArray(D, v, at);
    DoubleVector v1 = fromArray(D, v, lanes + at);
    DoubleVector v2 = fromArray(D, v, 2 * lanes + at);
    DoubleVector v3 = fromArray(D, v, 3 * lanes + at);
    DoubleVector a0 = one.div(u0);
    DoubleVector a1 = one.div(u1);
    DoubleVector a2 = one.div(u2);
    DoubleVector a3 = one.div(u3);
    DoubleVector b0 = one.div(v0);
    DoubleVector b1 = one.div(v1);
    DoubleVector b2 = one.div(v2);
    DoubleVector b3 = one.div(v3);
    for (int t = 1; t <= count; t++) {
      int to = 8 * WIDTH * t;
      a0 = k03.fma(v3, k00.fma(v0, a0.mul(eps))).add(k02.fma(v2, k01.mul(v1)));
      a1 = k13.fma(v3, k10.fma(v0, a1.mul(eps))).add(k12.fma(v2, k11.mul(v1)));
      a2 = k23.fma(v3, k20.fma(v0, a2.mul(eps))).add(k22.fma(v2, k21.mul(v1)));
      a3 = k33.fma(v3, k30.fma(v0, a3.mul(eps))).add(k32.fma(v2, k31.mul(v1)));
      a0.fma(u0, minus).intoArray(history, to);
      a1.fma(u1, minus).intoArray(history, to + WIDTH);
      a2.fma(u2, minus).intoArray(history, to + 2 * WIDTH);
      a3.fma(u3, minus).intoArray(history, to + 3 * WIDTH);
      u0 = one.div(a0);
      u1 = one.div(a1);
      u2 = one.div(a2);
      u3 = one.div(a3);
      b0 = k30.fma(u3, k00.fma(u0, b0.mul(eps))).add(k20.fma(u2, k10.mul(u1)));
      b1 = k31.fma(u3, k01.fma(u0, b1.mul(eps))).add(k21.fma(u2, k11.mul(u1)));
      b2 = k32.fma(u3, k02.fma(u0, b2.mul(eps))).add(k22.fma(u2, k12.mul(u1)));
      b3 = k33.fma(u3, k03.fma(u0, b3.mul(eps))).add(k23.fma(u2, k13.mul(u1)));
      b0.fma(v0, minus).intoArray(history, to + 4 * WIDTH);
      b1.fma(v1, minus).intoArray(history, to + 5 * WIDTH);
      b2.fma(v2, minus).intoArray(history, to + 6 * WIDTH);
      b3.fma(v3, minus).intoArray(history, to + 7 * WIDTH);
      v0 = one.div(b0);
      v1 = one.div(b1);
      v2 = one.div(b2);
      v3 = one.div(b3);
    }
    u0.intoArray(u, at);
    u1.intoArray(u, lanes + at);
    u2.intoArray(u, 2 * lanes + at);
    u3.intoArray(u, 3 * lanes + at);
    v0.intoArray(v, at);
    v1.intoArray(v, lanes + at);
    v2.intoArray(v, 2 * lanes + at);
    v3.intoArray(v, 3 * lanes + at);
  }
}

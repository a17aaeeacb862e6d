package dev.sinkwatch.analyzer.truth;

/** How an operator moves from snapshot to snapshot in these tests. */
final class Drift {

  /** Of the operator's Frobenius norm, a step. */
  static final double A_STEP = 1e-3;

  private Drift() {}

  /** One step towards another operator, along the line, so that sums which are 1 remain so. */
  static double[] towards(double[] goal, double[] p) {
    double[] way = goal.clone();
    Mixers.add(way, -1, p);
    double distance = Mixers.frobenius(way);
    double share = distance == 0 ? 0 : A_STEP * Mixers.frobenius(p) / distance;
    return Mixers.mix(Math.min(1, share), p, goal);
  }
}

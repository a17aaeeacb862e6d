package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.Team;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * How fast this machine reads memory that no cache holds: the sum of a large array. Eight
 * accumulators, so that no addition waits for another; blocks that two threads take in turn.
 */
final class ReadBandwidth implements Work {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int BLOCK = 1 << 16;

  private final float[] values;
  private final float[] sums;
  private final Team team;

  /**
   * @param elements a multiple of 65536
   */
  ReadBandwidth(int elements, Team team) {
    this.values = new float[elements];
    java.util.Arrays.fill(values, 1);
    this.sums = new float[elements / BLOCK];
    this.team = team;
  }

  @Override
  public Map<String, Double> run() {
    read();
    double total = 0;
    for (float sum : sums) {
      total += sum;
    }
    return Map.of("sum", total);
  }

  /** Reads everything once. */
  void read() {
    team.compute(sums.length, part -> sums[part] = sum(values, part * BLOCK));
  }

  private static float sum(float[] values, int from) {
    int lanes = SPECIES.length();
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int i = from; i < from + BLOCK; i += 8 * lanes) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, values, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, values, i + lanes));
      s2 = s2.add(FloatVector.fromArray(SPECIES, values, i + 2 * lanes));
      s3 = s3.add(FloatVector.fromArray(SPECIES, values, i + 3 * lanes));
      s4 = s4.add(FloatVector.fromArray(SPECIES, values, i + 4 * lanes));
      s5 = s5.add(FloatVector.fromArray(SPECIES, values, i + 5 * lanes));
      s6 = s6.add(FloatVector.fromArray(SPECIES, values, i + 6 * lanes));
      s7 = s7.add(FloatVector.fromArray(SPECIES, values, i + 7 * lanes));
    }
    FloatVector low = s0.add(s1).add(s2.add(s3));
    FloatVector high = s4.add(s5).add(s6.add(s7));
    return low.add(high).reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
  }
}

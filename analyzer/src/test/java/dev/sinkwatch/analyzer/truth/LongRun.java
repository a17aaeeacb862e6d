package dev.sinkwatch.analyzer.truth;

/** Whether the whole of a test is asked for ({@code ./verify --long}) or a sample of it. */
final class LongRun {
  static final boolean ASKED = Boolean.getBoolean("sinkwatch.long");

  private LongRun() {}

  static int choose(int sample, int whole) {
    return ASKED ? whole : sample;
  }
}

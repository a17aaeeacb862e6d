package dev.sinkwatch.analyzer.alarm;

/** Where an alarm stands; the code is the value of the {@code sinkwatch_alarm_state} metric. */
public enum AlarmState {
  INACTIVE(0),
  /** Its condition holds, but not yet for long enough. */
  PENDING(1),
  FIRING(2);

  private final int code;

  AlarmState(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}

package dev.sinkwatch.dashboard.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a user may do. Health is everybody's to see. */
public enum Role {
  /** Sees everything: page, API, metrics. */
  VIEWER,
  /** Sees everything, and says of which alarms nobody is to be told for a while. */
  OPERATOR,
  /** Publishes, and sees no more than whether its run should stop. */
  INGEST;

  /** As the users file writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role that is written so. */
  public static Optional<Role> named(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }

  /** Whether it sees what the monitor knows. */
  public boolean reads() {
    return this == VIEWER || this == OPERATOR;
  }

  /** Whether it may silence alarms. */
  public boolean silences() {
    return this == OPERATOR;
  }

  /** Whether it may send snapshots. */
  public boolean publishes() {
    return this == INGEST;
  }
}

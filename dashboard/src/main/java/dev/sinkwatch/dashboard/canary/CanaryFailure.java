package dev.sinkwatch.dashboard.canary;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;

/** Why a canary was not published. */
public enum CanaryFailure {
  /** No broker acknowledged it within {@code canary.timeout}. */
  TIMEOUT("timeout"),
  NOT_AUTHENTICATED("not-authenticated"),
  NOT_AUTHORIZED("not-authorized"),
  /** The topic's {@code max.message.bytes} is below the 64 KiB of a canary. */
  TOO_LARGE("too-large"),
  /** It was not sent, since its verdict could not have been read. */
  VERDICTS_UNREADABLE("verdicts-unreadable"),
  /** It was not sent, since too many before it have neither a verdict nor the hope of one. */
  TOO_MANY_IN_FLIGHT("too-many-in-flight"),
  OTHER("other");

  private final String wireName;

  CanaryFailure(String wireName) {
    this.wireName = wireName;
  }

  /** As the metric's label. */
  public String wireName() {
    return wireName;
  }

  static CanaryFailure of(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      switch (e) {
        case TimeoutException _ -> {
          return TIMEOUT;
        }
        case AuthenticationException _ -> {
          return NOT_AUTHENTICATED;
        }
        case AuthorizationException _ -> {
          return NOT_AUTHORIZED;
        }
        case RecordTooLargeException _ -> {
          return TOO_LARGE;
        }
        default -> {
          // perhaps its cause says more
        }
      }
    }
    return OTHER;
  }
}

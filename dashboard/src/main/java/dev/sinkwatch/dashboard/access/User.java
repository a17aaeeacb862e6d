package dev.sinkwatch.dashboard.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who may come in.
 *
 * @param expires from when on not any more; null: never
 */
public record User(String name, PasswordHash hash, Role role, @Nullable Instant expires) {

  boolean expired(Instant now) {
    return expires != null && !now.isBefore(expires);
  }
}

package dev.sinkwatch.dashboard.access;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that were verified a short while ago, the longest unused dropped first. Each is known
 * by its {@link CredentialsKey}. For one thread at a time.
 */
final class VerifiedCredentials {
  private static final int MOST = 1000;
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private record Verified(User user, Users of, Instant until) {}

  private final Map<ByteBuffer, Verified> entries =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Verified> eldest) {
          return size() > MOST;
        }
      };

  /** Whose they are, if that is still known and those are still the users. */
  @Nullable User find(ByteBuffer key, Users users, Instant now) {
    Verified entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (entry.of() != users || !now.isBefore(entry.until())) {
      entries.remove(key);
      return null;
    }
    return entry.user();
  }

  void add(ByteBuffer key, User user, Users users, Instant now) {
    entries.put(key, new Verified(user, users, now.plus(LIFETIME)));
  }

  int size() {
    return entries.size();
  }
}

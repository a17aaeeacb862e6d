package dev.sinkwatch.dashboard.access;

import dev.sinkwatch.dashboard.config.ConfigException;
import dev.sinkwatch.dashboard.config.YamlFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Those who may come in, as a file names them: {@code NAME: {hash: ..., role: viewer}}, with {@code
 * expires} as a date or a time if need be. Immutable.
 */
final class Users {
  /** Names that neither YAML, nor a log, nor HTTP Basic takes for anything else. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

  static final String NAMES =
      "a user's name is 1 to 64 letters, digits and . _ @ -, the first a letter or digit";
  static final String ENDS =
      "expires must be a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z";
  private static final Set<String> KEYS = Set.of("hash", "role", "expires");

  private final Map<String, User> byName;
  private final int iterations;
  private final PasswordHash nobody;

  private Users(Map<String, User> byName) {
    this.byName = Map.copyOf(byName);
    this.iterations =
        byName.values().stream()
            .mapToInt(user -> user.hash().iterations())
            .max()
            .orElse(PasswordHash.ITERATIONS);
    this.nobody = PasswordHash.ofNobody(iterations);
  }

  /**
   * Reads the file.
   *
   * @throws IOException with one line that shows no hash
   */
  static Users read(Path file) throws IOException {
    try {
      Object document = YamlFile.read(file, YamlFile.Scalars.TEXT);
      if (!(document instanceof Map<?, ?> map) || map.isEmpty()) {
        throw new ConfigException(
            file + ": users are expected, as `sinkwatch password NAME` writes them");
      }
      Map<String, User> users = new HashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        User user = user(file, entry.getKey(), entry.getValue());
        users.put(user.name(), user);
      }
      return new Users(users);
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static User user(Path file, @Nullable Object key, @Nullable Object value)
      throws ConfigException {
    if (!(key instanceof String name) || !NAME.matcher(name).matches()) {
      throw new ConfigException(file + ": " + NAMES);
    }
    String who = file + ": user " + name + ": ";
    if (!(value instanceof Map<?, ?> map)) {
      throw new ConfigException(who + "hash and role are expected");
    }
    Map<String, String> fields = new HashMap<>();
    for (Map.Entry<?, ?> field : map.entrySet()) {
      if (!(field.getKey() instanceof String known) || !KEYS.contains(known)) {
        throw new ConfigException(who + "only hash, role and expires are known");
      }
      if (!(field.getValue() instanceof String text)) {
        throw new ConfigException(who + known + " must have a plain value");
      }
      fields.put(known, text);
    }
    PasswordHash hash =
        PasswordHash.parse(fields.getOrDefault("hash", ""))
            .orElseThrow(() ->
                new ConfigException(
                    who
                        + "hash must be what `sinkwatch password` writes, of "
                        + PasswordHash.LEAST_ITERATIONS
                        + " to "
                        + PasswordHash.MOST_ITERATIONS
                        + " iterations"));
    Role role =
        Role.named(fields.getOrDefault("role", ""))
            .orElseThrow(
                () -> new ConfigException(who + "role must be viewer, operator or ingest"));
    return new User(name, hash, role, expires(who, fields.get("expires")));
  }

  private static @Nullable Instant expires(String who, @Nullable String text)
      throws ConfigException {
    if (text == null) {
      return null;
    }
    return end(text).orElseThrow(() -> new ConfigException(who + ENDS));
  }

  /** The end of a day, UTC; or the time itself. */
  static Optional<Instant> end(String text) {
    try {
      return Optional.of(
          text.contains("T")
              ? Instant.parse(text)
              : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  int size() {
    return byName.size();
  }

  /** Whether that is still one of them, with the same password and role. */
  boolean has(User user) {
    User now = byName.get(user.name());
    return now != null
        && now.hash().text().equals(user.hash().text())
        && now.role() == user.role()
        && Objects.equals(now.expires(), user.expires());
  }

  /**
   * Whose credentials they are; empty when nobody's. It does the same work whether there is no such
   * user, the password is wrong, or all is well: as much as the dearest hash of the file.
   */
  Optional<User> verify(Credentials credentials, Derivation derivation) {
    User user = byName.get(credentials.name());
    PasswordHash hash = user == null ? nobody : user.hash();
    byte[] key = derivation.derive(credentials.password(), hash.salt(), hash.iterations());
    if (hash.iterations() < iterations) {
      byte[] _ =
          derivation.derive(credentials.password(), nobody.salt(), iterations - hash.iterations());
    }
    boolean same = MessageDigest.isEqual(key, hash.key());
    return same && user != null ? Optional.of(user) : Optional.empty();
  }
}

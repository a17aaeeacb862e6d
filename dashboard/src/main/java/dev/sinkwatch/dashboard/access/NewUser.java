package dev.sinkwatch.dashboard.access;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A user to be written into the users file, one line each. */
public final class NewUser {
  private final String name;
  private final Role role;
  private final @Nullable String expires;

  private NewUser(String name, Role role, @Nullable String expires) {
    this.name = name;
    this.role = role;
    this.expires = expires;
  }

  /**
   * @param expires as the file writes it, or null
   * @throws IOException with one line when the file could not have it so
   */
  public static NewUser of(String name, Role role, @Nullable String expires) throws IOException {
    if (!Users.NAME.matcher(name).matches()) {
      throw new IOException(Users.NAMES);
    }
    if (expires != null && Users.end(expires).isEmpty()) {
      throw new IOException(Users.ENDS);
    }
    return new NewUser(name, role, expires);
  }

  /** The line, with a fresh hash of that password; takes its time. */
  public String line(String password) {
    return "\"%s\": {hash: \"%s\", role: %s%s}"
        .formatted(
            name,
            PasswordHash.of(password).text(),
            role.word(),
            expires == null ? "" : ", expires: " + expires);
  }
}

package dev.sinkwatch.dashboard.access;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is kept of a password: {@code $pbkdf2-sha256$i=ITERATIONS$SALT$KEY}, the parts in base64
 * without padding (the PHC string format).
 */
@SuppressWarnings("ArrayRecordComponent") // compared in constant time, where it is
public record PasswordHash(int iterations, byte[] salt, byte[] key) {
  static final int KEY_BYTES = 32;

  /** What is thought enough in 2026 (OWASP); a third of a second on a small machine. */
  static final int ITERATIONS = 600_000;

  /** Below, guessing is too cheap. */
  static final int LEAST_ITERATIONS = 100_000;

  /** Above, a login takes seconds. */
  static final int MOST_ITERATIONS = 5_000_000;

  private static final int SALT_BYTES = 16;
  private static final Pattern FORM =
      Pattern.compile(
          "\\$pbkdf2-sha256\\$i=(\\d{1,9})(?:,l=32)?\\$([A-Za-z0-9+/]{22,86})\\$([A-Za-z0-9+/]{43})");

  /** The hash of a new password, with a salt of its own; takes its time. */
  public static PasswordHash of(String password) {
    return of(password, ITERATIONS);
  }

  static PasswordHash of(String password, int iterations) {
    byte[] salt = freshSalt();
    return new PasswordHash(iterations, salt, Derivation.PBKDF2.derive(password, salt, iterations));
  }

  /** One that no password has. */
  static PasswordHash ofNobody(int iterations) {
    return new PasswordHash(iterations, freshSalt(), new byte[KEY_BYTES]);
  }

  private static byte[] freshSalt() {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return salt;
  }

  /** Reads what {@link #text} writes; empty when it is none, or too cheap or dear a one. */
  static Optional<PasswordHash> parse(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    int iterations = Integer.parseInt(match.group(1));
    if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
      return Optional.empty();
    }
    try {
      Base64.Decoder base64 = Base64.getDecoder();
      return Optional.of(
          new PasswordHash(
              iterations, base64.decode(match.group(2)), base64.decode(match.group(3))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** As the users file has it. */
  public String text() {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$pbkdf2-sha256$i="
        + iterations
        + '$'
        + base64.encodeToString(salt)
        + '$'
        + base64.encodeToString(key);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "PasswordHash[" + iterations + " iterations]";
  }
}

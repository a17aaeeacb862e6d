package dev.sinkwatch.dashboard.access;

import java.security.GeneralSecurityException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** How a password becomes a key, at a cost; called by several threads. */
@FunctionalInterface
interface Derivation {

  /** PBKDF2 with HMAC-SHA-256 of the password's UTF-8 (RFC 8018). */
  Derivation PBKDF2 = Derivation::pbkdf2;

  /**
   * @return {@link PasswordHash#KEY_BYTES} bytes
   */
  byte[] derive(String password, byte[] salt, int iterations);

  private static byte[] pbkdf2(String password, byte[] salt, int iterations) {
    PBEKeySpec spec =
        new PBEKeySpec(password.toCharArray(), salt, iterations, 8 * PasswordHash.KEY_BYTES);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has PBKDF2", e);
    } finally {
      spec.clearPassword();
    }
  }
}

package dev.sinkwatch.dashboard.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names credentials by their HMAC under a key that only this process knows, so that memory holds no
 * passwords longer than a request, nor anything to guess them by without that key.
 */
final class CredentialsKey {
  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec secret;

  CredentialsKey() {
    byte[] drawn = new byte[32];
    new SecureRandom().nextBytes(drawn);
    this.secret = new SecretKeySpec(drawn, HMAC);
  }

  ByteBuffer of(Credentials credentials) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(secret);
      mac.update(credentials.name().getBytes(UTF_8));
      mac.update((byte) ':'); // in no name
      return ByteBuffer.wrap(mac.doFinal(credentials.password().getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
    }
  }
}

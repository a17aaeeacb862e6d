package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.ingest.SnapshotId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Random draws that follow from a secret and from what a snapshot is called: nobody who publishes
 * can predict them, and the same snapshot gets the same. Immutable.
 */
final class SecretDraws {
  private final byte[] secret;

  SecretDraws(byte[] secret) {
    this.secret = secret.clone();
  }

  RandomGenerator of(SnapshotId id) {
    return of(id.run() + '\n' + id.attempt() + '\n' + id.step() + '\n' + id.layer());
  }

  /** The same for all steps of a run's layer. */
  RandomGenerator ofLayer(SnapshotId id) {
    return of(id.run() + '\n' + id.layer());
  }

  private RandomGenerator of(String name) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      byte[] seed = mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
      return RandomGeneratorFactory.of("L128X256MixRandom").create(seed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}

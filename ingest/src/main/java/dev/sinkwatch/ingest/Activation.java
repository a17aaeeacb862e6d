package dev.sinkwatch.ingest;

import java.util.Optional;

/** Type of a model's activations, whose rounding is the least noise that every layer injects. */
public enum Activation {
  FLOAT32("float32", 24),
  FLOAT16("float16", 11),
  BFLOAT16("bfloat16", 8),
  FLOAT8("float8", 4);

  private final String wireName;
  private final double noiseAmplitude;

  Activation(String wireName, int bits) {
    this.wireName = wireName;
    this.noiseAmplitude = Math.scalb(1.0, -bits);
  }

  public String wireName() {
    return wireName;
  }

  /** eta: relative amplitude of the rounding noise, half a unit in the last place. */
  public double noiseAmplitude() {
    return noiseAmplitude;
  }

  public static Optional<Activation> named(String wireName) {
    for (Activation activation : values()) {
      if (activation.wireName.equals(wireName)) {
        return Optional.of(activation);
      }
    }
    return Optional.empty();
  }
}

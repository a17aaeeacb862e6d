package dev.sinkwatch.ingest;

import java.util.Optional;

/**
 * Element types that a shard may have, named as safetensors names them. Values are little-endian.
 * {@code F8_E4M3} has no infinities (S.1111.111 is NaN); {@code F8_E5M2} is IEEE-like.
 */
public enum Dtype {
  F64(8, true),
  F32(4, true),
  F16(2, true),
  BF16(2, true),
  F8_E4M3(1, true),
  F8_E5M2(1, true),
  I64(8, false),
  I32(4, false),
  I16(2, false),
  I8(1, false),
  U64(8, false),
  U32(4, false),
  U16(2, false),
  U8(1, false);

  private final int bytes;
  private final boolean floating;

  Dtype(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is a floating-point type; integers can only be of kind {@code dense}. */
  public boolean floating() {
    return floating;
  }

  /** The supported type of that safetensors name, or empty if there is none. */
  public static Optional<Dtype> named(String name) {
    for (Dtype dtype : values()) {
      if (dtype.name().equals(name)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }
}

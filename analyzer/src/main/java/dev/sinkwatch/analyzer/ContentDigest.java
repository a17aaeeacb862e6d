package dev.sinkwatch.analyzer;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The first 128 bits of the SHA-256 of what is not there any more, to know it again: whoever writes
 * to the topic cannot make other values that pass for the same.
 */
record ContentDigest(long high, long low) {

  /** Bytes of a byte buffer at most. */
  private static final long PIECE = 1 << 30;

  static ContentDigest of(MemorySegment data) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (long at = 0; at < data.byteSize(); at += PIECE) {
        sha.update(data.asSlice(at, Math.min(PIECE, data.byteSize() - at)).asByteBuffer());
      }
      ByteBuffer digest = ByteBuffer.wrap(sha.digest());
      return new ContentDigest(digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

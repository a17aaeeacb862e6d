package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A header's characters, decoded as they are read, so that a long one takes no memory of its own.
 * Characters rather than bytes, because from bytes a JSON parser guesses among UTF-8, UTF-16 and
 * UTF-32.
 */
final class HeaderText extends Reader {
  /** Below that it is not worth while to look for what says nothing. */
  private static final int LONG = 64 << 10;

  private final ByteBuffer bytes;
  private final CharsetDecoder decoder;
  private final @Nullable Abridgement abridgement;

  /**
   * @param json the header's bytes in an array, from position to limit; not consumed
   * @param meant most characters of a string that may mean something
   * @throws RejectedException if they are not UTF-8 from first to last, or no object between braces
   */
  HeaderText(ByteBuffer json, int meant) throws RejectedException {
    bytes = json.duplicate();
    decoder = StandardCharsets.UTF_8.newDecoder();
    int start = bytes.arrayOffset() + bytes.position();
    if (!Utf8.wellFormed(bytes.array(), start, start + bytes.remaining())) {
      throw new RejectedException(Reason.HEADER_NOT_UTF8, "the header is not UTF-8");
    }
    int end = bytes.limit();
    while (end > bytes.position() && bytes.get(end - 1) == ' ') {
      end--;
    }
    bytes.limit(end);
    if (bytes.remaining() < 2 || bytes.get(bytes.position()) != '{' || bytes.get(end - 1) != '}') {
      throw new RejectedException(
          Reason.HEADER_NOT_JSON, "the header is not one JSON object, padded with spaces at most");
    }
    abridgement = bytes.remaining() < LONG ? null : new Abridgement(bytes, meant);
  }

  /** Whether characters are left out, so that those behind them are elsewhere in the header. */
  boolean abridged() {
    return abridgement != null && abridgement.skipped();
  }

  @Override
  public int read(char[] target, int offset, int length) {
    if (!bytes.hasRemaining()) {
      return -1;
    }
    CharBuffer chunk = CharBuffer.wrap(target, offset, length);
    if (abridgement == null) {
      decoder.decode(bytes, chunk, true);
    } else {
      int limit = bytes.limit();
      bytes.limit(abridgement.next(length));
      decoder.decode(bytes, chunk, true);
      bytes.limit(limit);
    }
    return chunk.position() - offset;
  }

  @Override
  public void close() {
    // bytes in memory
  }
}

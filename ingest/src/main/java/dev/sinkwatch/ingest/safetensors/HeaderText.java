package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.io.Reader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/**
 * A header's characters, decoded as they are read, so that a long one takes no memory of its own.
 * Characters rather than bytes, because from bytes a JSON parser guesses among UTF-8, UTF-16 and
 * UTF-32.
 */
final class HeaderText extends Reader {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long NOT_ASCII = 0x8080808080808080L;

  private final ByteBuffer bytes;
  private final CharsetDecoder decoder;

  /**
   * @param json the header's bytes in an array, from position to limit; not consumed
   * @throws RejectedException if they are not UTF-8 from first to last, or no object between braces
   */
  HeaderText(ByteBuffer json) throws RejectedException {
    bytes = json.duplicate();
    decoder = StandardCharsets.UTF_8.newDecoder();
    int start = bytes.arrayOffset() + bytes.position();
    if (!wellFormed(bytes.array(), start, start + bytes.remaining())) {
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
  }

  /**
   * Whether that is UTF-8 as Unicode defines it (table 3-7): each character in its shortest form,
   * none of them a surrogate. Three times as fast as decoding it.
   */
  static boolean wellFormed(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end) {
      int lead = bytes[at++] & 0xff;
      if (lead < 0x80) {
        while (end - at >= Long.BYTES && ((long) EIGHT.get(bytes, at) & NOT_ASCII) == 0) {
          at += Long.BYTES;
        }
        continue;
      }
      int following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      if (lead < 0xc2 || lead > 0xf4 || end - at < following) {
        return false;
      }
      int second = bytes[at++] & 0xff;
      int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
      int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
      if (second < least
          || second > most
          || (following > 1 && (bytes[at++] & 0xc0) != 0x80)
          || (following > 2 && (bytes[at++] & 0xc0) != 0x80)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int read(char[] target, int offset, int length) {
    if (!bytes.hasRemaining()) {
      return -1;
    }
    CharBuffer chunk = CharBuffer.wrap(target, offset, length);
    decoder.decode(bytes, chunk, true);
    return chunk.position() - offset;
  }

  @Override
  public void close() {
    // bytes in memory
  }
}

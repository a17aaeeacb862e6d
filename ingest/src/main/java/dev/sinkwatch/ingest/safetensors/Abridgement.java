package dev.sinkwatch.ingest.safetensors;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Leaves out what says nothing, since a JSON parser takes its time for each character: of white
 * space between the tokens of JSON that is UTF-8 all but one character; of a string that is longer
 * than any may be that means something what comes behind that and is plain ASCII.
 */
final class Abridgement {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long ONES = 0x0101010101010101L;
  private static final long TOPS = 0x8080808080808080L;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;
  private static final long SPACES = ' ' * ONES;

  /** Bytes of a character. */
  private static final int LONGEST = 4;

  /** The same when it is written as an escape. */
  private static final int ESCAPE = 6;

  private final ByteBuffer bytes;
  private final byte[] array;
  private final int end;
  private final long longString;
  private int known;
  private int string;
  private boolean inString;
  private boolean escaped;
  private boolean skipped;

  /**
   * @param bytes in an array, from position to limit
   * @param meant most characters of a string that may mean something
   */
  Abridgement(ByteBuffer bytes, int meant) {
    this.bytes = bytes;
    this.array = bytes.array();
    this.end = bytes.arrayOffset() + bytes.limit();
    this.longString = ((long) meant + 1) * ESCAPE;
    this.known = bytes.arrayOffset() + bytes.position();
  }

  /** Whether anything was left out so far. */
  boolean skipped() {
    return skipped;
  }

  /**
   * Moves the buffer's position to where there is something to read.
   *
   * @param most bytes to be read next
   * @return up to where they are, a limit for the buffer
   */
  int next(int most) {
    int from = bytes.arrayOffset() + bytes.position();
    if (from == known && skip()) {
      skipped = true;
      from = known;
      bytes.position(from - bytes.arrayOffset());
    }
    int stop = Math.min(end, from + Math.max(most, LONGEST)); // else one may never come to its end
    while (known < stop && !(!inString && known > from && isWhite(known) && isWhite(known + 1))) {
      step(stop);
    }
    return Math.min(known, stop) - bytes.arrayOffset();
  }

  /** Passes by what can be left out here, if anything can. */
  private boolean skip() {
    int from = known;
    if (!inString) {
      while (isWhite(known) && isWhite(known + 1)) {
        known++;
      }
    } else if (known - string > longString && plain((long) EIGHT.get(array, known - Long.BYTES))) {
      // not within an escape; and something stays to be read
      while (end - known > Long.BYTES && legal((long) EIGHT.get(array, known))) {
        known += Long.BYTES;
      }
    }
    return known > from;
  }

  private void step(int stop) {
    if (!inString) {
      inString = array[known++] == '"';
      string = known;
    } else if (escaped) {
      escaped = false;
      known++;
    } else if (stop - known >= Long.BYTES && plain((long) EIGHT.get(array, known))) {
      known += Long.BYTES;
    } else {
      byte b = array[known++];
      escaped = b == '\\';
      inString = b != '"';
    }
  }

  /** Whether no byte of them is a quotation mark or a backslash. */
  private static boolean plain(long eight) {
    return !hasZero(eight ^ QUOTES) && !hasZero(eight ^ BACKSLASHES);
  }

  /** Whether each of them is a character, and one that may stand in a string as it is. */
  private static boolean legal(long eight) {
    return plain(eight) && (eight & TOPS) == 0 && (eight - SPACES & ~eight & TOPS) == 0;
  }

  private static boolean hasZero(long eight) {
    return (eight - ONES & ~eight & TOPS) != 0;
  }

  private boolean isWhite(int at) {
    if (at >= end) {
      return false;
    }
    byte b = array[at];
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}

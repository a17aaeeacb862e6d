package dev.sinkwatch.ingest.safetensors;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Whether bytes are UTF-8 as Unicode defines it (table 3-7): each character in its shortest form,
 * none of them a surrogate.
 *
 * <p>An automaton of nine states, of which a byte's row in the table holds the successors, six bits
 * each. A state is where its successor lies in a row, so that a step is one shift: some half a
 * nanosecond a byte whatever they are, where decoding takes several.
 */
final class Utf8 {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long NOT_ASCII = 0x8080808080808080L;

  private static final int STATE = 63;
  private static final int CHARACTER = 0;

  /** One, two or three bytes follow, any. */
  private static final int ONE = 6;

  private static final int TWO = 12;
  private static final int THREE = 18;

  /** What may follow these bytes is less. */
  private static final int AFTER_E0 = 24;

  private static final int AFTER_ED = 30;
  private static final int AFTER_F0 = 36;
  private static final int AFTER_F4 = 42;
  private static final int NEVER = 48;

  private static final int BLOCK = 64;
  private static final long[] ROWS = rows();

  private Utf8() {}

  private static long[] rows() {
    long[] rows = new long[256];
    for (int b = 0; b < rows.length; b++) {
      boolean follows = within(b, 0x80, 0xbf);
      long row = (long) lead(b) << CHARACTER | (long) NEVER << NEVER;
      row |= (long) (follows ? CHARACTER : NEVER) << ONE;
      row |= (long) (follows ? ONE : NEVER) << TWO;
      row |= (long) (follows ? TWO : NEVER) << THREE;
      row |= (long) (within(b, 0xa0, 0xbf) ? ONE : NEVER) << AFTER_E0;
      row |= (long) (within(b, 0x80, 0x9f) ? ONE : NEVER) << AFTER_ED;
      row |= (long) (within(b, 0x90, 0xbf) ? TWO : NEVER) << AFTER_F0;
      row |= (long) (within(b, 0x80, 0x8f) ? TWO : NEVER) << AFTER_F4;
      rows[b] = row;
    }
    return rows;
  }

  /** The state behind the first byte of a character. */
  private static int lead(int b) {
    return switch (b) {
      case 0xe0 -> AFTER_E0;
      case 0xed -> AFTER_ED;
      case 0xf0 -> AFTER_F0;
      case 0xf4 -> AFTER_F4;
      default -> {
        if (b < 0x80) {
          yield CHARACTER;
        } else if (within(b, 0xc2, 0xdf)) {
          yield ONE;
        } else if (within(b, 0xe1, 0xef)) {
          yield TWO;
        } else {
          yield within(b, 0xf1, 0xf3) ? THREE : NEVER;
        }
      }
    };
  }

  private static boolean within(int b, int least, int most) {
    return least <= b && b <= most;
  }

  static boolean wellFormed(byte[] bytes, int from, int end) {
    long state = CHARACTER; // in its last bits; a shift looks at no others
    int at = from;
    while (at < end) {
      if ((state & STATE) == CHARACTER) {
        while (end - at >= Long.BYTES && ((long) EIGHT.get(bytes, at) & NOT_ASCII) == 0) {
          at += Long.BYTES;
        }
      } else if ((state & STATE) == NEVER) {
        return false;
      }
      for (int stop = Math.min(end, at + BLOCK); at < stop; at++) {
        state = ROWS[bytes[at] & 0xff] >>> state;
      }
    }
    return (state & STATE) == CHARACTER;
  }
}

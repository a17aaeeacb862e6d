package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A checked header: the offsets of its tensors are contiguous from 0, and each spans the bytes that
 * its shape and type ask for.
 *
 * @param metadata the strings under {@code __metadata__}, of a record only those that mean
 *     something here; empty if there are none; given over, not copied
 * @param tensors in the order of their offsets
 */
public record SafetensorsHeader(Map<String, String> metadata, List<TensorEntry> tensors) {

  /** Bytes before the header, which hold its length. */
  public static final int PREFIX_BYTES = 8;

  public SafetensorsHeader {
    // what Map.copyOf makes takes quadratic time where a sender chooses keys of the same hash
    metadata = Collections.unmodifiableMap(metadata);
    tensors = List.copyOf(tensors);
  }

  /** Bytes of all tensors together. */
  public long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.getLast().end();
  }

  /**
   * Length of the header in bytes.
   *
   * @param prefix starts at its position with the document's first bytes; not consumed
   * @param documentBytes the whole document's length; empty if it is not known yet, as of a stream
   * @throws RejectedException if the prefix is too short, or its length more than the carrier's
   *     limit or than the document
   */
  public static int length(ByteBuffer prefix, Carrier carrier, OptionalLong documentBytes)
      throws RejectedException {
    if (prefix.remaining() < PREFIX_BYTES) {
      throw new RejectedException(
          Reason.TOO_SHORT,
          "the " + carrier.noun() + " has " + prefix.remaining() + " bytes, a header's length 8");
    }
    long length = prefix.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > carrier.headerLimit()) {
      throw new RejectedException(
          Reason.HEADER_TOO_LONG,
          "the header claims "
              + Long.toUnsignedString(length)
              + " bytes, more than "
              + carrier.headerLimit());
    }
    if (documentBytes.isPresent() && length > documentBytes.getAsLong() - PREFIX_BYTES) {
      throw new RejectedException(
          Reason.HEADER_BEYOND_RECORD,
          "the header claims "
              + length
              + " bytes, the "
              + carrier.noun()
              + " has "
              + documentBytes.getAsLong());
    }
    return (int) length;
  }

  /**
   * Reads the header itself.
   *
   * @param json exactly the header's bytes, from position to limit, in a buffer with an array; not
   *     consumed
   * @param dataBytes bytes behind the header, which the tensors must cover exactly; empty if not
   *     known yet, and then whoever reads on has to compare with {@link #dataBytes()}
   * @throws RejectedException with the first reason, in the order of {@link Reason}, that applies
   */
  public static SafetensorsHeader parse(ByteBuffer json, Carrier carrier, OptionalLong dataBytes)
      throws RejectedException {
    return HeaderParser.parse(json, carrier, dataBytes);
  }
}

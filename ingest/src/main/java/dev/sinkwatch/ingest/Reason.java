package dev.sinkwatch.ingest;

import java.util.Locale;

/**
 * Why a record cannot be a shard, in the order in which it is checked. The name in lower case with
 * dashes is the {@code reason} label and header.
 */
public enum Reason {
  /** Fewer than the 8 bytes that hold the header's length. */
  TOO_SHORT,
  /** The header claims more than 1 MiB, of a body over HTTP more than 4 MiB. */
  HEADER_TOO_LONG,
  /** The header ends behind the record. */
  HEADER_BEYOND_RECORD,
  HEADER_NOT_UTF8,
  HEADER_NOT_JSON,
  DUPLICATE_KEY,
  HEADER_TOO_DEEP,
  /**
   * The header has more keys, or longer ones, than one tensor and its metadata can need, or than a
   * body may have.
   */
  HEADER_TOO_RICH,
  /** {@code __metadata__} is not an object of strings. */
  METADATA_NOT_STRINGS,
  /** A tensor's entry lacks dtype, shape or data_offsets, or one of them has the wrong type. */
  TENSOR_MALFORMED,
  NO_TENSOR,
  SEVERAL_TENSORS,
  /** The product of the dimensions, or its size in bytes, exceeds 2^63 - 1. */
  SHAPE_OVERFLOW,
  /** The offsets run backwards, leave a gap, or do not start at 0. */
  OFFSETS_NOT_CONTIGUOUS,
  /** The offsets span another number of bytes than shape and dtype ask for. */
  OFFSETS_NOT_SHAPE,
  /** The offsets end behind the record. */
  OFFSETS_BEYOND_RECORD,
  /** Bytes are left behind the last offset. */
  TRAILING_BYTES,
  RUN_MISSING,
  RUN_INVALID,
  LAYER_INVALID,
  STEP_MISSING,
  STEP_INVALID,
  ATTEMPT_INVALID,
  /** One of {@code sinkwatch.rows} and {@code sinkwatch.shape} without the other. */
  ROWS_WITHOUT_SHAPE,
  ROWS_INVALID,
  SHAPE_INVALID,
  /** The tensor is not the rows that it says it is of the shape that it says it has. */
  ROWS_NOT_TENSOR,
  KIND_INVALID,
  OBSERVABILITY_INVALID,
  INDEX_INVALID,
  OPERATORS_INVALID,
  ACTIVATION_INVALID,
  LEARNING_RATE_INVALID,
  WEIGHT_DECAY_INVALID,
  /** The snapshot's rows, shape or type contradict what has arrived of it before. */
  CONFLICT,
  /** The snapshot is larger than the analysis may buffer. */
  SNAPSHOT_TOO_LARGE,
  /** The layer's kind does not fit its shape or type. */
  KIND_NOT_SHAPE,
  /**
   * The analysis failed on it: a defect of sinkwatch, which must neither stop the stream nor lose
   * the record.
   */
  ANALYSIS_FAILED;

  /** As labels, headers and messages write it. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

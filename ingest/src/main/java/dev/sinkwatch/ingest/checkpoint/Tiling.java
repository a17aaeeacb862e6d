package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.safetensors.TensorEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The pieces of one tensor that together cover it, each element once.
 *
 * @param shape of the whole tensor: as far as its pieces reach
 */
record Tiling(String name, String dtype, Shape shape, List<Piece> pieces) {

  /** More pieces than any cluster has ranks. */
  private static final int MOST_PIECES = 1 << 14;

  /**
   * A box of the tensor, in a file.
   *
   * @param offsets where it begins in the whole
   */
  record Piece(TensorFile file, TensorEntry tensor, List<Long> offsets) {

    private long from(int dimension) {
      return offsets.get(dimension);
    }

    private long to(int dimension) {
      return offsets.get(dimension) + tensor.shape().dimension(dimension);
    }

    private boolean overlaps(Piece other) {
      for (int d = 0; d < offsets.size(); d++) {
        if (from(d) >= other.to(d) || other.from(d) >= to(d)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Puts pieces together.
   *
   * @throws CheckpointException when they differ in type or rank, overlap, or leave something out
   */
  static Tiling of(String name, List<Piece> pieces) throws CheckpointException {
    Piece first = pieces.getFirst();
    int rank = first.tensor().shape().rank();
    long[] reach = new long[rank];
    long elements = 0;
    List<Piece> filled = new ArrayList<>();
    for (Piece piece : pieces) {
      TensorEntry tensor = piece.tensor();
      if (!tensor.dtype().equals(first.tensor().dtype())
          || tensor.shape().rank() != rank
          || piece.offsets().size() != rank) {
        throw wrong(piece, "is of another type or rank than in other files");
      }
      for (int d = 0; d < rank; d++) {
        if (piece.from(d) > Integer.MAX_VALUE * 64L) {
          throw wrong(piece, "begins farther than any tensor reaches");
        }
        reach[d] = Math.max(reach[d], piece.to(d));
      }
      if (tensor.shape().elements() > 0) {
        filled.add(piece); // a rank that has no rows may say so with an empty piece
        elements += tensor.shape().elements();
      }
    }
    if (filled.size() > MOST_PIECES) {
      throw wrong(first, "is in more than " + MOST_PIECES + " pieces");
    }
    for (int i = 0; i < filled.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (filled.get(i).overlaps(filled.get(j))) {
          throw wrong(filled.get(i), "overlaps the same of " + filled.get(j).file().path());
        }
      }
    }
    Shape shape = shape(first, reach);
    if (elements != shape.elements()) {
      throw wrong(
          first,
          "has %d of its %d values; the other pieces are missing"
              .formatted(elements, shape.elements()));
    }
    List<Piece> kept = filled.isEmpty() ? List.of(first) : List.copyOf(filled);
    return new Tiling(name, first.tensor().dtype(), shape, kept);
  }

  private static Shape shape(Piece first, long[] reach) throws CheckpointException {
    try {
      return Shape.of(reach);
    } catch (ArithmeticException e) {
      throw wrong(first, "reaches farther than any tensor");
    }
  }

  private static CheckpointException wrong(Piece piece, String problem) {
    return new CheckpointException(
        piece.file().path(), "tensor " + piece.tensor().name() + " " + problem);
  }
}

package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Takes some rows of a matrix as they lie somewhere, four at a time, looks at them and packs them
 * into panels where somebody wants those. For one thread.
 */
final class SurveyPart {
  private static final Kernel KERNEL = Kernels.best();

  /** With less left of a difference its digits have gone. */
  private static final double LEFT = 0.01;

  /** Receives panels as they become full. */
  interface Panels {

    /** An array for the next panel, with anything in it. */
    float[] next();

    /** Takes it back full. */
    void full(float[] panel);
  }

  private final Dtype dtype;
  private final int columns;
  private final float shift;
  private final double scale;
  private final boolean wide;
  private final @Nullable SurveySums sums;
  private final @Nullable Panels panels;
  private final float[] rows;
  private final double[] wideRows;
  private final short[] scratch = new short[ElementDecoder.SCRATCH];
  private float @Nullable [] panel;
  private int filled;
  private int inPanel;
  private long row;

  /**
   * @param first index of the first row
   * @param shift subtracted from each entry before it is packed
   * @param scale then multiplied by, a power of two
   * @param panels takes the packed rows; null when a look is all
   */
  SurveyPart(
      Dtype dtype,
      int columns,
      long first,
      float shift,
      double scale,
      @Nullable SurveySums sums,
      @Nullable Panels panels) {
    this.dtype = dtype;
    this.columns = columns;
    this.row = first;
    this.shift = shift;
    this.scale = scale;
    this.wide = scale != 1 || !ElementDecoder.fitsFloat(dtype);
    this.sums = sums;
    this.panels = panels;
    this.rows = new float[4 * columns];
    this.wideRows = new double[wide ? 4 * columns : 0];
  }

  void take(MemorySegment data, long elements) {
    for (long done = 0; done < elements; ) {
      int now = (int) Math.min(rows.length - filled, elements - done);
      if (wide) {
        ElementDecoder.decode(dtype, data, done, wideRows, filled, now);
      } else {
        KERNEL.decode(dtype, data, done, rows, filled, now, scratch);
      }
      done += now;
      filled += now;
      if (filled == rows.length) {
        four(4);
      }
    }
  }

  /** Takes what is there as the last rows. */
  void end() {
    if (filled > 0) {
      int count = filled / columns;
      java.util.Arrays.fill(rows, filled, rows.length, wide || shift == 0 ? 0 : shift);
      if (wide) {
        java.util.Arrays.fill(wideRows, filled, rows.length, 0);
      }
      four(count);
    }
    float[] last = panel;
    if (panels != null && last != null) {
      int missing = Panel.STRIPS - inPanel;
      if (missing > 0) {
        float[] zeros = new float[4 * columns];
        for (int strip = inPanel; strip < Panel.STRIPS; strip++) {
          KERNEL.pack(zeros, columns, 0, last, strip);
        }
      }
      panels.full(last);
      panel = null;
    }
  }

  private void four(int count) {
    if (sums != null) {
      survey(sums, count);
    }
    if (panels != null) {
      pack(panels, count);
    }
    filled = 0;
    row += count;
  }

  private void pack(Panels to, int count) {
    if (wide) {
      for (int i = 0; i < count * columns; i++) {
        rows[i] = (float) ((wideRows[i] - shift) * scale);
      }
    }
    if (panel == null) {
      panel = to.next();
    }
    KERNEL.pack(rows, columns, wide ? 0 : shift, panel, inPanel);
    inPanel++;
    if (inPanel == Panel.STRIPS) {
      to.full(panel);
      panel = null;
      inPanel = 0;
    }
  }

  private void survey(SurveySums to, int count) {
    if (!wide && count < 4) { // what fills them up has a value of its own only in the panel
      java.util.Arrays.fill(rows, count * columns, rows.length, 0);
    }
    if (wide) {
      KERNEL.sums(wideRows, columns, to.columnSums, to.four);
    } else {
      KERNEL.sums(rows, columns, to.columnSums, to.four);
    }
    if (!wide && count < 4) {
      java.util.Arrays.fill(rows, count * columns, rows.length, shift);
    }
    for (int r = 0; r < count; r++) {
      double squares = to.four[4 + r];
      if (!(squares < Double.POSITIVE_INFINITY)) {
        to.nonFinite += nonFinite(r);
      }
      int at = r * columns;
      to.squares.add(squares, i -> wide ? wideRows[at + i] : rows[at + i], columns);
      if (to.rowSums != null) {
        to.rowSums[(int) (row + r)] = to.four[r];
      }
      if (to.mixing) {
        mixing(to, r, squares);
      }
    }
  }

  private void mixing(SurveySums to, int r, double squares) {
    int at = r * columns;
    double sum = to.four[r];
    boolean tiny = sum < columns * Kernel.TINY;
    double logs = wide || tiny ? Double.NaN : KERNEL.weightLogs(rows, at, columns);
    if (Double.isNaN(logs)) {
      distances(to, at);
    } else {
      double fromShift = squares - 2 * shift * sum + columns * (double) shift * shift;
      if (fromShift < LEFT * squares) {
        fromShift = KERNEL.fromShift(rows, at, columns, shift);
      }
      to.fromShift += fromShift;
      to.entropy += Math.log(sum) - logs / sum;
    }
    int diagonal = at + (int) (row + r);
    double p = wide ? wideRows[diagonal] : rows[diagonal];
    to.fromIdentity += (p - 1) * (p - 1) + withoutDiagonal(squares, p, at, diagonal);
  }

  /** Of rows with negative or tiny entries, and of what floats do not hold. */
  private void distances(SurveySums to, int at) {
    double[] figures = to.figures;
    if (wide) {
      KERNEL.distances(wideRows, at, columns, shift, figures);
    } else {
      double[] row = new double[columns];
      for (int i = 0; i < columns; i++) {
        row[i] = rows[at + i];
      }
      KERNEL.distances(row, 0, columns, shift, figures);
    }
    to.fromShift += figures[0];
    double weight = figures[1];
    if (weight > 0) {
      to.entropy += Math.log(weight) - figures[2] / weight;
    }
    to.negative |= figures[3] > 0;
  }

  /**
   * Squares of a row less that on the diagonal, which is summed anew where little would be left.
   */
  private double withoutDiagonal(double squares, double p, int at, int diagonal) {
    if (p * p < 0.5 * squares) {
      return squares - p * p;
    }
    double rest = 0;
    for (int i = at; i < at + columns; i++) {
      double value = wide ? wideRows[i] : rows[i];
      rest += i == diagonal ? 0 : value * value;
    }
    return rest;
  }

  private int nonFinite(int r) {
    int count = 0;
    for (int i = r * columns; i < (r + 1) * columns; i++) {
      count += Double.isFinite(wide ? wideRows[i] : rows[i]) ? 0 : 1;
    }
    return count;
  }
}

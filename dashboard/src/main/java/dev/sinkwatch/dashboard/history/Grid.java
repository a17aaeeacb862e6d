package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * One figure of all layers of a run over its steps, as bytes: {@code SWG1}, the length of a header,
 * the header in JSON, each column's last step and time in float64, and in float32 its highest
 * values, column after column, and if any are pooled its lowest. NaN where all values are
 * undefined, minus infinity where there is none. Little-endian.
 */
final class Grid {
  /** The answer stays within some 32 MB. */
  private static final int MOST_CELLS = 4 << 20;

  private static final byte[] MAGIC = "SWG1".getBytes(StandardCharsets.US_ASCII);
  private static final float NOTHING = Float.NEGATIVE_INFINITY;

  private final List<LayerRecord> layers;

  private final long first;

  /** Last step of each column. */
  private final long[] last;

  private final long[] times;
  private final long stride;
  private final boolean pooled;
  private final float[] highest;
  private final float[] lowest;

  private Grid(List<LayerRecord> layers, GridQuery query) {
    this.layers = layers;
    Steps steps =
        Steps.union(
                layers.stream()
                    .map(layer -> layer.track().steps(query.from(), query.to()))
                    .toList())
            .closed();
    this.first = steps.size() == 0 ? 0 : steps.steps()[0];
    int most = Math.max(1, Math.min(query.columns(), MOST_CELLS / Math.max(1, layers.size())));
    int columns = Math.min(most, steps.size());
    this.last = new long[columns];
    this.times = new long[columns];
    for (int c = 0; c < columns; c++) {
      int end = (int) ((c + 1L) * steps.size() / columns) - 1;
      last[c] = steps.steps()[end];
      times[c] = steps.times()[end];
    }
    long finest = layers.stream().mapToLong(layer -> layer.track().stride()).min().orElse(1);
    boolean coarse = layers.stream().anyMatch(layer -> layer.track().stride() > 1);
    this.stride = columns == 0 ? finest : finest * Math.ceilDiv(steps.size(), columns);
    this.pooled = coarse || columns < steps.size();
    this.highest = new float[columns * layers.size()];
    Arrays.fill(highest, NOTHING);
    this.lowest = pooled ? highest.clone() : highest;
    int figure = LayerRecord.column(query.figure());
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).track().visit(figure, query.from(), query.to(), new Row(i));
    }
  }

  /**
   * @param layers in the order of the grid's rows
   * @param now milliseconds since 1970
   */
  static byte[] bytes(RunRecord run, List<LayerRecord> layers, GridQuery query, long now) {
    Grid grid = new Grid(layers, query);
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put("run", run.run());
    header.put("figure", query.figure().key());
    header.put("attempt", run.attempt());
    header.put("now", now);
    return grid.bytes(header);
  }

  private byte[] bytes(ObjectNode header) {
    int columns = last.length;
    if (columns == 0) {
      header.putNull("from").putNull("to");
    } else {
      header.put("from", first).put("to", last[columns - 1]);
    }
    header.put("columns", columns).put("stride", stride).put("pooled", pooled);
    ArrayNode names = header.putArray("layers");
    layers.forEach(layer -> names.add(layer.name()));
    byte[] json = VerdictJson.bytes(header);
    int headerBytes = Math.ceilDiv(json.length, Long.BYTES) * Long.BYTES;
    ByteBuffer bytes =
        ByteBuffer.allocate(
                2 * Integer.BYTES
                    + headerBytes
                    + 2 * Double.BYTES * columns
                    + (pooled ? 2 : 1) * Float.BYTES * highest.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).putInt(headerBytes).put(json);
    while (bytes.position() < 2 * Integer.BYTES + headerBytes) {
      bytes.put((byte) ' ');
    }
    for (long step : last) {
      bytes.putDouble((double) step);
    }
    for (long time : times) {
      bytes.putDouble((double) time);
    }
    put(bytes, highest);
    if (pooled) {
      put(bytes, lowest);
    }
    return bytes.array();
  }

  private static void put(ByteBuffer bytes, float[] values) {
    bytes.asFloatBuffer().put(values);
    bytes.position(bytes.position() + Float.BYTES * values.length);
  }

  /** Puts one layer's points where they belong. */
  private final class Row implements Track.PointVisitor {
    private final int layer;
    private int column;

    Row(int layer) {
      this.layer = layer;
    }

    @Override
    public void point(long after, long step, double min, double max) {
      while (column < last.length && last[column] <= after) {
        column++;
      }
      while (column < last.length) {
        put(column * layers.size() + layer, (float) min, (float) max);
        if (last[column] >= step) {
          return; // the next point may be of the same column
        }
        column++;
      }
    }

    private void put(int cell, float min, float max) {
      boolean first = highest[cell] == NOTHING || Float.isNaN(highest[cell]);
      float least = first ? min : (float) Column.smaller(lowest[cell], min);
      float most = first ? max : (float) Column.larger(highest[cell], max);
      lowest[cell] = least; // the first, as both are one array when nothing is pooled
      highest[cell] = most;
    }
  }
}

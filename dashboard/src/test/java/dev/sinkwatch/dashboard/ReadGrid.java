package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A grid as a page reads it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ReadGrid(JsonNode header, double[] steps, double[] times, float[] high, float[] low) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static ReadGrid of(byte[] body) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[4];
    bytes.get(magic);
    assertThat(new String(magic, UTF_8)).isEqualTo("SWG1");
    byte[] json = new byte[bytes.getInt()];
    bytes.get(json);
    assertThat(bytes.position() % 8).isZero();
    JsonNode header = MAPPER.readTree(json);
    int columns = header.get("columns").asInt();
    int cells = columns * header.get("layers").size();
    double[] steps = new double[columns];
    double[] times = new double[columns];
    bytes.asDoubleBuffer().get(steps).get(times);
    bytes.position(bytes.position() + 16 * columns);
    float[] high = new float[cells];
    bytes.asFloatBuffer().get(high);
    bytes.position(bytes.position() + 4 * cells);
    float[] low = high;
    if (header.get("pooled").asBoolean()) {
      low = new float[cells];
      bytes.asFloatBuffer().get(low);
      bytes.position(bytes.position() + 4 * cells);
    }
    assertThat(bytes.hasRemaining()).isFalse();
    return new ReadGrid(header, steps, times, high, low);
  }

  public float high(int column, int layer) {
    return high[column * header.get("layers").size() + layer];
  }

  public float low(int column, int layer) {
    return low[column * header.get("layers").size() + layer];
  }
}

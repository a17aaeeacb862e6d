package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Bodies as clients send them: whole numbers of 32-bit floats, however many tensors. */
public final class SafetensorsBody {
  private final List<String> entries = new ArrayList<>();
  private final List<float[]> values = new ArrayList<>();
  private String metadata = "";
  private int end;

  /** Adds metadata: {@code "key":"value",...}, with apostrophes for quotes. */
  public SafetensorsBody metadata(String fields) {
    metadata = fields;
    return this;
  }

  /** Adds a matrix. */
  public SafetensorsBody matrix(String name, int columns, float... data) {
    entries.add(
        "'%s':{'dtype':'F32','shape':[%d,%d],'data_offsets':[%d,%d]}"
            .formatted(name, data.length / columns, columns, end, end + 4 * data.length));
    values.add(data);
    end += 4 * data.length;
    return this;
  }

  /** The document. */
  public byte[] bytes() {
    byte[] head = head("{'__metadata__':{" + metadata + "}," + String.join(",", entries) + "}");
    ByteBuffer all = ByteBuffer.allocate(head.length + end).order(ByteOrder.LITTLE_ENDIAN);
    all.put(head);
    for (float[] data : values) {
      for (float value : data) {
        all.putFloat(value);
      }
    }
    return all.array();
  }

  /** A header of that JSON, with apostrophes for quotes, and its length before it. */
  public static byte[] head(String json) {
    byte[] text = json.replace('\'', '"').getBytes(UTF_8);
    return ByteBuffer.allocate(8 + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .array();
  }
}

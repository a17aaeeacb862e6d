package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Records that are no shards, at least one for each reason that shows in the record alone. Where it
 * is not the subject, the run is {@code r}, the layer {@code w}, the step 1.
 */
public final class MalformedRecords {

  /**
   * One of them.
   *
   * @param name says what is wrong
   */
  @SuppressWarnings("ArrayRecordComponent") // read only, and compared by nobody
  public record Malformed(String name, byte[] value, Reason expected) {

    @Override
    public String toString() {
      return name;
    }
  }

  static final String META = "'sinkwatch.run':'r','sinkwatch.step':'1'";
  static final String ENTRY = "'dtype':'F32','shape':[2,2],'data_offsets':[0,16]";
  static final String TENSOR = "'w':{" + ENTRY + "}";

  private final List<Malformed> records = new ArrayList<>();

  private MalformedRecords() {
    framing();
    json();
    abundance();
    structure();
    layout();
  }

  public static List<Malformed> all() {
    return Stream.concat(new MalformedRecords().records.stream(), MalformedMetadata.all().stream())
        .toList();
  }

  private void framing() {
    add("empty value", new byte[0], Reason.TOO_SHORT);
    add("7 bytes", new byte[7], Reason.TOO_SHORT);
    add("header of 1 MiB and 1 byte", claiming((1 << 20) + 1), Reason.HEADER_TOO_LONG);
    add("header length with the sign bit", claiming(Long.MIN_VALUE), Reason.HEADER_TOO_LONG);
    add("header length all ones", claiming(-1), Reason.HEADER_TOO_LONG);
    add("header length in big-endian", claiming(0x2000000000000000L), Reason.HEADER_TOO_LONG);
    add("header one byte longer than the record", claiming(57), Reason.HEADER_BEYOND_RECORD);
    add("header behind the record", claiming(1 << 20), Reason.HEADER_BEYOND_RECORD);
  }

  private void json() {
    byte[] latin1 = document("{'\u00e9':1}", 0).clone();
    latin1[10] = (byte) 0xe9;
    add("name in Latin-1", latin1, Reason.HEADER_NOT_UTF8);
    byte[] overlong = document("{'ab':1}", 0).clone();
    overlong[10] = (byte) 0xc0;
    overlong[11] = (byte) 0xaf;
    add("overlong UTF-8", overlong, Reason.HEADER_NOT_UTF8);
    byte[] surrogate = document("{'abc':1}", 0).clone();
    surrogate[10] = (byte) 0xed;
    surrogate[11] = (byte) 0xa0;
    surrogate[12] = (byte) 0x80;
    add("surrogate in UTF-8", surrogate, Reason.HEADER_NOT_UTF8);
    header("", 0, Reason.HEADER_NOT_JSON, "empty header");
    header("    ", 0, Reason.HEADER_NOT_JSON, "header of spaces");
    header("[]", 0, Reason.HEADER_NOT_JSON, "header is an array");
    header(" {" + META + "}", 0, Reason.HEADER_NOT_JSON, "space before the header");
    header("\ufeff{}", 0, Reason.HEADER_NOT_JSON, "byte order mark");
    header("{'__metadata__':{" + META + "}," + TENSOR, 16, Reason.HEADER_NOT_JSON, "no last brace");
    header(valid() + "\n", 16, Reason.HEADER_NOT_JSON, "padded with a line feed");
    header(valid() + "\0\0\0", 16, Reason.HEADER_NOT_JSON, "padded with zeros");
    header(valid() + "{}", 16, Reason.HEADER_NOT_JSON, "second object");
    header("{/**/}", 0, Reason.HEADER_NOT_JSON, "comment");
    header("{'w':NaN}", 0, Reason.HEADER_NOT_JSON, "NaN");
    header("{'w':01}", 0, Reason.HEADER_NOT_JSON, "leading zero");
    header("{'w':1,}", 0, Reason.HEADER_NOT_JSON, "trailing comma");
    header("{'w':'\\x'}", 0, Reason.HEADER_NOT_JSON, "unknown escape");
    header("{\0'\0w\0'\0}\0 }", 0, Reason.HEADER_NOT_JSON, "UTF-16");
    header(
        "{'w':1,'w':1,'x':}",
        0,
        Reason.HEADER_NOT_JSON,
        "malformed behind a key that stands twice");
    header("{" + TENSOR + "," + TENSOR + "}", 16, Reason.DUPLICATE_KEY, "tensor twice");
    tensor("'dtype':'F32'," + ENTRY, 16, Reason.DUPLICATE_KEY, "dtype twice");
    meta(META + ",'sinkwatch.run':'r'", Reason.DUPLICATE_KEY, "run twice");
    header(
        "{'__metadata__':{},'__metadata__':{" + META + "}," + TENSOR + "}",
        16,
        Reason.DUPLICATE_KEY,
        "metadata twice");
    tensor(ENTRY + ",'x':[{'y':1,'y':2}]", 16, Reason.DUPLICATE_KEY, "key twice in an unknown one");
    tensor("'x':" + "[".repeat(1000) + "]".repeat(1000), 0, Reason.HEADER_TOO_DEEP, "1000 arrays");
    tensor(
        "'x':" + "{'y':".repeat(500) + "1" + "}".repeat(500),
        0,
        Reason.HEADER_TOO_DEEP,
        "500 objects");
  }

  private void abundance() {
    meta(META + ",'" + "k".repeat(9000) + "':''", Reason.HEADER_TOO_RICH, "key of 9000 characters");
    StringBuilder keys = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      keys.append(",'").append(i).append("':''");
    }
    meta(META + keys, Reason.HEADER_TOO_RICH, "300 metadata keys");
    tensor(
        "'dtype':'F32','shape':[2,2" + ",1".repeat(300) + "],'data_offsets':[0,16]",
        16,
        Reason.HEADER_TOO_RICH,
        "302 dimensions");
    StringBuilder tensors = new StringBuilder("{'__metadata__':{" + META + "}");
    for (int i = 0; i < 300; i++) {
      tensors.append(",'w").append(i).append("':{" + ENTRY + "}");
    }
    header(tensors + "}", 16, Reason.SEVERAL_TENSORS, "300 tensors");
  }

  private void structure() {
    String metadata = "{'__metadata__':%s," + TENSOR + "}";
    for (String value : List.of("null", "[]", "'x'", "{'sinkwatch.step':1}", "{'a':null}")) {
      header(
          String.format(Locale.ROOT, metadata, value),
          16,
          Reason.METADATA_NOT_STRINGS,
          "metadata " + value);
    }
    for (String entry :
        List.of(
            "'shape':[2,2],'data_offsets':[0,16]",
            "'dtype':32,'shape':[2,2],'data_offsets':[0,16]",
            "'dtype':'F32','data_offsets':[0,16]",
            "'dtype':'F32','shape':4,'data_offsets':[0,16]",
            "'dtype':'F32','shape':[2,'2'],'data_offsets':[0,16]",
            "'dtype':'F32','shape':[2,2.0],'data_offsets':[0,16]",
            "'dtype':'F32','shape':[2,2e0],'data_offsets':[0,16]",
            "'dtype':'F32','shape':[-2,-2],'data_offsets':[0,16]",
            "'dtype':'F32','shape':[-0,2],'data_offsets':[0,0]",
            "'dtype':'F32','shape':[[2,2]],'data_offsets':[0,16]",
            "'dtype':'F32','shape':[2,2]",
            "'dtype':'F32','shape':[2,2],'data_offsets':[16]",
            "'dtype':'F32','shape':[2,2],'data_offsets':[0,8,16]",
            "'dtype':'F32','shape':[2,2],'data_offsets':[0,true]",
            "'dtype':'F32','shape':[2,2],'data_offsets':{'0':16}")) {
      tensor(entry, 16, Reason.TENSOR_MALFORMED, "tensor " + entry);
    }
    header("{'__metadata__':{" + META + "},'w':[]}", 0, Reason.TENSOR_MALFORMED, "tensor []");
    header("{}", 0, Reason.NO_TENSOR, "empty object");
    header("{'__metadata__':{" + META + "}}", 0, Reason.NO_TENSOR, "metadata alone");
    header(
        "{'__metadata__':{" + META + "}," + TENSOR + ",'v':{" + ENTRY + "}}",
        16,
        Reason.SEVERAL_TENSORS,
        "two tensors");
  }

  private void layout() {
    for (String shape :
        List.of(
            "[4294967296,4294967296]",
            "[9223372036854775807,2]",
            "[9223372036854775807,2,0]",
            "[9223372036854775808]",
            "[1" + "0".repeat(5000) + "]",
            "[4611686018427387904]")) {
      tensor(
          "'dtype':'F32','shape':" + shape + ",'data_offsets':[0,16]",
          16,
          Reason.SHAPE_OVERFLOW,
          "shape " + shape.substring(0, Math.min(40, shape.length())));
    }
    offsets("[16,0]", 16, Reason.OFFSETS_NOT_CONTIGUOUS);
    offsets("[16,32]", 32, Reason.OFFSETS_NOT_CONTIGUOUS);
    offsets("[99999999999999999999,99999999999999999999]", 16, Reason.OFFSETS_NOT_CONTIGUOUS);
    offsets("[0,8]", 8, Reason.OFFSETS_NOT_SHAPE);
    offsets("[0,17]", 17, Reason.OFFSETS_NOT_SHAPE);
    offsets("[0,99999999999999999999]", 16, Reason.OFFSETS_NOT_SHAPE);
    offsets("[0,16]", 15, Reason.OFFSETS_BEYOND_RECORD);
    offsets("[0,16]", 0, Reason.OFFSETS_BEYOND_RECORD);
    offsets("[0,16]", 17, Reason.TRAILING_BYTES);
    tensor(
        "'dtype':'XYZ','shape':[2],'data_offsets':[0,4]",
        16,
        Reason.TRAILING_BYTES,
        "bytes behind an unknown dtype");
  }

  private void offsets(String offsets, int dataBytes, Reason expected) {
    tensor(
        "'dtype':'F32','shape':[2,2],'data_offsets':" + offsets,
        dataBytes,
        expected,
        "offsets " + offsets + " in " + dataBytes);
  }

  private void meta(String metadata, Reason expected, String name) {
    header("{'__metadata__':{" + metadata + "}," + TENSOR + "}", 16, expected, name);
  }

  private void tensor(String entry, int dataBytes, Reason expected, String name) {
    header("{'__metadata__':{" + META + "},'w':{" + entry + "}}", dataBytes, expected, name);
  }

  private void header(String header, int dataBytes, Reason expected, String name) {
    add(name, document(header, dataBytes), expected);
  }

  private void add(String name, byte[] value, Reason expected) {
    records.add(new Malformed(name, value, expected));
  }

  private static String valid() {
    return "{'__metadata__':{" + META + "}," + TENSOR + "}";
  }

  /** 64 bytes whose first 8 claim a header of that length. */
  private static byte[] claiming(long headerBytes) {
    byte[] value = new byte[64];
    ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(headerBytes);
    return value;
  }

  /**
   * A document with that header, exactly, and that many bytes of zeros as data.
   *
   * @param header with ' for ", to be read more easily
   */
  static byte[] document(String header, int dataBytes) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer value =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    return value.putLong(json.length).put(json).array();
  }
}

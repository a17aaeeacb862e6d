package dev.sinkwatch.ingest.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.ingest.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Records whose headers are as large as they may be, each made to cost its reader as much as
 * possible. Where one should be refused for two reasons the first in the order of {@link Reason}
 * counts, as far as the header is read.
 */
final class HostileHeaders {

  /** A mebibyte less than a kibibyte, for what stands around the repeated part. */
  private static final int ROOM = (1 << 20) - 1024;

  private static final String META = "'__metadata__':{'sinkwatch.run':'r','sinkwatch.step':'1'}";
  private static final String ENTRY = "{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}";

  private final List<MalformedRecords.Malformed> records = new ArrayList<>();

  static List<MalformedRecords.Malformed> all() {
    return List.copyOf(new HostileHeaders().records);
  }

  private HostileHeaders() {
    add(
        Reason.HEADER_TOO_RICH,
        "metadata keys",
        "{'__metadata__':{%s'z':'1'}}",
        i -> "'" + i + "':'',");
    add(
        Reason.DUPLICATE_KEY,
        "the same metadata key",
        "{'__metadata__':{%s'z':'1'}}",
        i -> "'k':'',");
    add(
        Reason.HEADER_TOO_RICH,
        "our metadata keys",
        "{'__metadata__':{%s'z':'1'}}",
        i -> "'sinkwatch." + i + "':'',");
    add(Reason.SEVERAL_TENSORS, "tensors", "{" + META + "%s}", i -> ",'w" + i + "':" + ENTRY);
    add(Reason.TENSOR_MALFORMED, "malformed tensors", "{" + META + "%s}", i -> ",'w" + i + "':0");
    add(Reason.TENSOR_MALFORMED, "empty tensors", "{%s'w':{}}", i -> "'" + i + "':{},");
    add(
        Reason.HEADER_TOO_RICH,
        "keys of a tensor",
        "{" + META + ",'w':{%s'z':0}}",
        i -> "'" + i + "':0,");
    add(Reason.HEADER_TOO_RICH, "dimensions", tensor("'shape':[%s1]"), i -> "1,");
    add(Reason.HEADER_TOO_RICH, "negative dimensions", tensor("'shape':[%s1]"), i -> "-1,");
    add(Reason.HEADER_TOO_RICH, "offsets", tensor("'data_offsets':[%s1]"), i -> i + ",");
    add(Reason.HEADER_TOO_RICH, "objects in an array", tensor("'x':[%s1]"), i -> "{},");
    add(Reason.HEADER_TOO_RICH, "keys in an array's objects", tensor("'x':[%s1]"), i -> "{'a':1},");
    add(Reason.HEADER_TOO_RICH, "arrays in an array", tensor("'x':[%s1]"), i -> "[],");
    add(Reason.HEADER_TOO_RICH, "numbers of no meaning", tensor("'x':[%s1]"), i -> "1.5e7,");
    add(Reason.HEADER_TOO_RICH, "strings of no meaning", tensor("'x':[%s1]"), i -> "'a\\u0000',");
    add(
        Reason.HEADER_TOO_RICH,
        "commas of a shape",
        meta("'sinkwatch.rows':'0:1','sinkwatch.shape':'%s1'"),
        i -> "1,");
    add(Reason.HEADER_TOO_RICH, "digits of a dimension", tensor("'shape':[1%s]"), i -> "0");
    add(Reason.HEADER_TOO_RICH, "digits of no meaning", tensor("'x':1%s"), i -> "0");
    add(Reason.HEADER_TOO_RICH, "digits behind a point", tensor("'x':1.%s"), i -> "7");
    add(Reason.HEADER_TOO_RICH, "a long name", "{'%s':" + ENTRY + "}", i -> "w");
    add(
        Reason.HEADER_TOO_RICH,
        "a long name of four-byte characters",
        "{'%s':" + ENTRY + "}",
        i -> "\ud83d\ude00");
    add(Reason.HEADER_TOO_RICH, "a long name of escapes", "{'%s':" + ENTRY + "}", i -> "\\u00e9");
    add(Reason.HEADER_TOO_RICH, "a long metadata key", meta("'%s':''"), i -> "k");
    add(Reason.HEADER_TOO_RICH, "a long run", "{'__metadata__':{'sinkwatch.run':'%s'}}", i -> "r");
    add(Reason.HEADER_TOO_RICH, "a long step", meta("'sinkwatch.attempt':'%s'"), i -> "1");
    add(
        Reason.NO_TENSOR,
        "a long value of another's key",
        "{'__metadata__':{'other':'%s'}}",
        i -> "v");
    add(Reason.HEADER_TOO_RICH, "a long dtype", tensor("'dtype':'%s'"), i -> "F");
    add(Reason.HEADER_TOO_RICH, "a long key of a tensor", tensor("'%s':1"), i -> "k");
    add(Reason.HEADER_TOO_DEEP, "arrays within arrays", tensor("'x':%s1"), i -> "[");
    add(Reason.HEADER_TOO_DEEP, "objects within objects", tensor("'x':%s1"), i -> "{'a':");
    add(Reason.NO_TENSOR, "white space", "{%s}", i -> "\n");
    add(Reason.NO_TENSOR, "spaces behind", "{}%s", i -> " ");
    add(
        Reason.HEADER_NOT_UTF8,
        "a byte that is no UTF-8 at the end",
        "{'a':'%s\0'}",
        i -> "\u00e9");
  }

  private static String tensor(String fields) {
    return "{" + META + ",'w':{" + fields + "}}";
  }

  private static String meta(String fields) {
    return "{'__metadata__':{" + fields + "},'w':" + ENTRY + "}";
  }

  private void add(Reason expected, String name, String format, IntFunction<String> part) {
    StringBuilder parts = new StringBuilder(ROOM);
    int bytes = 0;
    for (int i = 0; bytes < ROOM - 64; i++) {
      String next = part.apply(i);
      bytes += next.getBytes(UTF_8).length;
      parts.append(next);
    }
    String header = String.format(Locale.ROOT, format, parts);
    byte[] value = MalformedRecords.document(header, 16);
    if (expected == Reason.HEADER_NOT_UTF8) {
      value[value.length - 16 - 4] = (byte) 0xff;
    }
    records.add(new MalformedRecords.Malformed("1 MiB of " + name, value, expected));
  }
}

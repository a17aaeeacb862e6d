package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardCodecTest {
  private static final String META = "'__metadata__':{'sinkwatch.run':'r','sinkwatch.step':'1'";

  @ParameterizedTest
  @EnumSource
  void everyTypeTravels(Dtype dtype) throws Exception {
    Hints hints = new Hints(Kind.DENSE, Observability.SAMPLED, 3, 24, Activation.FLOAT8, 3e-4, 0.1);
    Shard shard =
        shard(
            new SnapshotId("run-1.a_b", 2, "h.3.\u00e9\ud83d\ude00\"\\", 7),
            Shape.of(2, 3, 5),
            0,
            6,
            dtype,
            hints);

    Shard back = decoded(ShardCodec.encode(shard));

    assertSame(back, shard);
    assertThat(back.whole()).isTrue();
    assertThat(back.appendedMillis()).isEqualTo(42);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "1", "7,1", "2,3,5"})
  void everyShapeTravels(String dimensions) throws Exception {
    Shape shape =
        dimensions.isEmpty()
            ? Shape.of()
            : new Shape(
                java.util.Arrays.stream(dimensions.split(",", -1)).map(Long::valueOf).toList());
    Shard shard = shard(id(), shape, 0, shape.rows(), Dtype.F32, Hints.NONE);

    assertSame(decoded(ShardCodec.encode(shard)), shard);
  }

  @Test
  void aPartSaysWhatItIsAPartOf() throws Exception {
    Shard shard = shard(id(), Shape.of(2, 3, 5), 1, 4, Dtype.BF16, Hints.NONE);

    byte[] value = ShardCodec.encode(shard);

    assertThat(header(value))
        .contains("\"sinkwatch.rows\":\"1:4\"", "\"sinkwatch.shape\":\"2,3,5\"", "\"shape\":[3,5]");
    assertSame(decoded(value), shard);
    assertThat(decoded(value).whole()).isFalse();
  }

  @Test
  void aShardNamesItsPublish() throws Exception {
    Shard none = shard(id(), Shape.of(2, 3, 5), 1, 4, Dtype.BF16, Hints.NONE);
    Shard named =
        new Shard(
            none.id(), none.shape(), none.rows(), none.dtype(), none.data(), none.hints(), 0, "p");

    assertThat(decoded(ShardCodec.encode(named)).publish()).isEqualTo("p");
    assertThat(decoded(ShardCodec.encode(none)).publish()).isNull();
  }

  @Test
  void aWholeShardOfTheFirstAttemptSaysNoMoreThanItMust() {
    byte[] value = ShardCodec.encode(shard(id(), Shape.of(2, 2), 0, 2, Dtype.F32, Hints.NONE));

    assertThat(header(value).stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"sinkwatch.run\":\"r\",\"sinkwatch.step\":\"1\"},"
                + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}");
  }

  @Test
  void dataStartsAtAMultipleOf8() {
    for (int length = 1; length < 20; length++) {
      SnapshotId id = new SnapshotId("r", 0, "w".repeat(length), 1);
      byte[] value = ShardCodec.encode(shard(id, Shape.of(1, 1), 0, 1, Dtype.U8, Hints.NONE));

      assertThat((value.length - 1) % 8).isZero();
    }
  }

  @Test
  void aPublisherMayKeepLeadingDimensionsOfAPart() throws Exception {
    byte[] value =
        MalformedRecords.document(
            "{"
                + META
                + ",'sinkwatch.rows':'4:8','sinkwatch.shape':'4,2,3'},"
                + "'w':{'dtype':'U8','shape':[2,2,3],'data_offsets':[0,12]}}",
            12);

    Shard shard = decoded(value);

    assertThat(shard.shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(shard.rows()).isEqualTo(new RowRange(4, 8));
  }

  @Test
  void rowsMayBeAllRows() throws Exception {
    byte[] value =
        MalformedRecords.document(
            "{"
                + META
                + ",'sinkwatch.rows':'0:4','sinkwatch.shape':'2,2,3'},"
                + "'w':{'dtype':'U8','shape':[4,3],'data_offsets':[0,12]}}",
            12);

    assertThat(decoded(value).whole()).isTrue();
    assertThat(decoded(value).shape()).isEqualTo(Shape.of(2, 2, 3));
  }

  @Test
  void readsTheHeaderThatThePythonLibraryWrites() throws Exception {
    // safetensors.numpy.save({"w": [[1, 2], [3, 4]]}, {"sinkwatch.run": "r", "sinkwatch.step":
    // "1"})
    String header =
        "{'__metadata__':{'sinkwatch.step':'1','sinkwatch.run':'r'},"
            + "'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}}";
    byte[] value = MalformedRecords.document(header + " ".repeat(-header.length() & 7), 16);
    ByteBuffer.wrap(value)
        .order(ByteOrder.LITTLE_ENDIAN)
        .position(value.length - 16)
        .putFloat(1)
        .putFloat(2)
        .putFloat(3)
        .putFloat(4);
    assertThat(value.length % 8).isZero();

    Shard shard = decoded(value);

    assertThat(shard.id()).isEqualTo(id());
    assertThat(shard.hints()).isEqualTo(Hints.NONE);
    ValueLayout.OfFloat floats =
        ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    assertThat(shard.data().get(floats, 12)).isEqualTo(4f);
  }

  @Test
  void theDataIsAViewOfTheValue() throws Exception {
    byte[] value = ShardCodec.encode(shard(id(), Shape.of(2, 2), 0, 2, Dtype.F32, Hints.NONE));
    MemorySegment data = decoded(value).data();

    value[value.length - 1] ^= 1;

    assertThat(data.get(ValueLayout.JAVA_BYTE, 15)).isEqualTo(value[value.length - 1]);
    assertThat(data.isReadOnly()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'dtype':'BOOL','shape':[2,2],'data_offsets':[0,4]",
        "'dtype':'C64','shape':[2],'data_offsets':[0,16]",
        "'dtype':'F4','shape':[2,4],'data_offsets':[0,4]",
        "'dtype':'f32','shape':[1],'data_offsets':[0,4]",
        "'dtype':'','shape':[],'data_offsets':[0,3]",
        "'dtype':'F32','shape':[0,2],'data_offsets':[0,0]",
        "'dtype':'F32','shape':[9223372036854775807,0],'data_offsets':[0,0]"
      })
  void whatCannotBeAnalysedIsIgnored(String entry) throws Exception {
    int bytes = Integer.parseInt(entry.replaceAll(".*\\[0,(\\d+)\\]", "$1"));
    byte[] value = MalformedRecords.document("{" + META + "},'w':{" + entry + "}}", bytes);

    assertThat(ShardCodec.decode(value, 0)).isInstanceOf(Decoded.Ignored.class);
  }

  @Test
  void unknownMetadataMeansNothing() throws Exception {
    byte[] value =
        MalformedRecords.document(
            "{"
                + META
                + ",'format':'pt','sinkwatch.later':'?','':''},"
                + "'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1],'more':{'a':[null,1.5,true]}}}",
            1);

    assertThat(decoded(value).id()).isEqualTo(id());
  }

  @Test
  void namesReachTheirLimits() throws Exception {
    SnapshotId id =
        new SnapshotId(
            "r".repeat(128),
            Integer.MAX_VALUE,
            "\ud83d\ude00".repeat(256),
            999_999_999_999_999_999L);
    Shard shard = shard(id, Shape.of(1), 0, 1, Dtype.U8, Hints.NONE);

    assertThat(decoded(ShardCodec.encode(shard)).id()).isEqualTo(id);
  }

  private static SnapshotId id() {
    return new SnapshotId("r", 0, "w", 1);
  }

  private static Shard shard(
      SnapshotId id, Shape shape, long from, long to, Dtype dtype, Hints hints) {
    byte[] data = new byte[(int) ((to - from) * shape.columns() * dtype.bytes())];
    new Random(1).nextBytes(data);
    return new Shard(
        id, shape, new RowRange(from, to), dtype, MemorySegment.ofArray(data), hints, 42);
  }

  private static Shard decoded(byte[] value) throws RejectedException {
    return switch (ShardCodec.decode(value, 42)) {
      case Decoded.Parsed(Shard shard) -> shard;
      case Decoded.Ignored(String why) -> throw new AssertionError(why);
    };
  }

  private static String header(byte[] value) {
    int length = (int) ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return new String(value, 8, length, StandardCharsets.UTF_8);
  }

  private static void assertSame(Shard actual, Shard expected) {
    assertThat(actual).usingRecursiveComparison().ignoringFields("data").isEqualTo(expected);
    assertThat(actual.data().mismatch(expected.data())).isEqualTo(-1);
  }
}

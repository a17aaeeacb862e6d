package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bodies of several tensors, read as they come. */
class StreamedDocumentTest {

  @Test
  void aLargeTensorIsCutIntoWholeRowsAndNothingIsLost() throws Exception {
    byte[] values = new byte[5 * ShardCutter.DEFAULT_BYTES];
    new Random(1).nextBytes(values);
    int rows = values.length / 4096;
    byte[] document =
        document(
            Map.of(),
            new SafetensorsWriter.Tensor(
                "w", Dtype.F32, Shape.of(rows, 1024), MemorySegment.ofArray(values)));

    ReadBody read = ReadBody.of(new Dripping(document), OptionalLong.empty());

    assertThat(read.taken()).hasSize(5);
    long row = 0;
    for (Shard shard : read.taken()) {
      assertThat(shard.shape()).isEqualTo(Shape.of(rows, 1024));
      assertThat(shard.rows().from()).isEqualTo(row);
      row = shard.rows().to();
      MemorySegment sent = MemorySegment.ofArray(values).asSlice(shard.rows().from() * 4096);
      assertThat(shard.data().mismatch(sent.asSlice(0, shard.data().byteSize()))).isEqualTo(-1);
    }
    assertThat(row).isEqualTo(rows);
    assertThat(read.contents())
        .isEqualTo(
            new StreamedDocument.Contents(values.length, 1, ShardCutter.DEFAULT_BYTES, List.of()));
  }

  @Test
  void rowsOfALargerTensorStayWhereTheyBelong() throws Exception {
    byte[] values = new byte[2 * ShardCutter.DEFAULT_BYTES];
    int rows = values.length / 4096;
    byte[] document =
        document(
            Map.of(
                "sinkwatch.rows", "100:" + (100 + rows),
                "sinkwatch.shape", "2," + rows + ",1024"),
            new SafetensorsWriter.Tensor(
                "w", Dtype.F32, Shape.of(rows, 1024), MemorySegment.ofArray(values)));

    List<Shard> taken = ReadBody.of(document).taken();

    assertThat(taken)
        .extracting(t -> t.rows())
        .containsExactly(
            new RowRange(100, 100 + rows / 2), new RowRange(100 + rows / 2, 100 + rows));
    assertThat(taken).allMatch(t -> t.shape().equals(Shape.of(2, rows, 1024)));
  }

  @Test
  void eachTensorHasMetadataOfItsOwnOverThatOfAll() throws Exception {
    byte[] body =
        ReadBody.document(
            "'sinkwatch.kind':'dense','sinkwatch.kind.b':'ignore','sinkwatch.index.a':'7',"
                + "'sinkwatch.rows.a':'4:6','sinkwatch.shape.a':'9,2','sinkwatch.attempt':'3',"
                + "'sinkwatch.operators':'5','sinkwatch.learning-rate':'3e-4',"
                + "'sinkwatch.weight-decay':'0.1','sinkwatch.note':'n','format':'pt'",
            ReadBody.WEIGHTS,
            40);

    List<Shard> taken = ReadBody.of(body).taken();

    Shard a = taken.getFirst();
    Shard b = taken.getLast();
    assertThat(a.rows()).isEqualTo(new RowRange(4, 6));
    assertThat(a.shape()).isEqualTo(Shape.of(9, 2));
    assertThat(a.hints().kind()).isEqualTo(Kind.DENSE);
    assertThat(a.hints().index()).isEqualTo(7);
    assertThat(b.whole()).isTrue();
    assertThat(b.hints().kind()).isEqualTo(Kind.IGNORE);
    assertThat(b.hints().index()).isNull();
    assertThat(taken).allMatch(t -> t.id().attempt() == 3);
    assertThat(taken).extracting(t -> t.hints().operators()).containsOnly(5);
    for (Shard each : taken) {
      // a record that says so is read like any other
      byte[] record = ShardCodec.encode(each);
      assertThat(new String(record, java.nio.charset.StandardCharsets.ISO_8859_1))
          .containsOnlyOnce("\"sinkwatch.learning-rate\":");
      assertThat(ShardCodec.decode(record, 0))
          .isInstanceOfSatisfying(
              Decoded.Parsed.class,
              read -> {
                assertThat(read.shard().hints().learningRate()).isEqualTo(3e-4);
                assertThat(read.shard().hints().weightDecay()).isEqualTo(0.1);
              });
    }
  }

  @Test
  void shardsOfWholeTensorsNameThePublishThatTheBodyIsAndThoseOfRanksWhatTheySay()
      throws Exception {
    List<Shard> whole = ReadBody.of(ReadBody.document("", ReadBody.WEIGHTS, 40)).taken();
    assertThat(whole.getFirst().publish()).isNotNull().isEqualTo(whole.getLast().publish());
    assertThat(
            ReadBody.of(ReadBody.document("", ReadBody.WEIGHTS, 40)).taken().getFirst().publish())
        .isNotEqualTo(whole.getFirst().publish());

    String rows = "'sinkwatch.rows.a':'4:6','sinkwatch.shape.a':'9,2'";
    List<Shard> ofRank = ReadBody.of(ReadBody.document(rows, ReadBody.WEIGHTS, 40)).taken();
    assertThat(ofRank.getFirst().publish()).isNull();
    assertThat(ofRank.getLast().publish()).isNotNull();

    String agreed = ",'sinkwatch.publish':'\\ud800 ours'"; // of which no record may take harm
    Shard first =
        ReadBody.of(ReadBody.document(rows + agreed, ReadBody.WEIGHTS, 40)).taken().getFirst();
    Shard second =
        ReadBody.of(ReadBody.document(rows + agreed, ReadBody.WEIGHTS, 40)).taken().getLast();
    assertThat(first.publish()).isNotNull().isEqualTo(second.publish());
    Shard sent = ((Decoded.Parsed) ShardCodec.decode(ShardCodec.encode(first), 0)).shard();
    assertThat(sent.publish()).isEqualTo(first.publish());
  }

  @Test
  void whatCannotTravelIsLeftOutAndSaidAndTheRestIsThere() throws Exception {
    int wide = ShardCutter.MAX_ROW_BYTES / 4 + 1;
    String tensors =
        "'flags':{'dtype':'BOOL','shape':[70000],'data_offsets':[0,70000]},"
            + "'none':{'dtype':'F32','shape':[0,4],'data_offsets':[70000,70000]},"
            + ("'wide':{'dtype':'F32','shape':[%d],'data_offsets':[70000,%d]},"
                    + "'w':{'dtype':'F32','shape':[1,1],'data_offsets':[%d,%d]}")
                .formatted(wide, 70000 + 4 * wide, 70000 + 4 * wide, 70004 + 4 * wide)
            + ",'deep':{'dtype':'F32','shape':[%s1],'data_offsets':[%d,%d]}"
                .formatted("1,".repeat(64), 70004 + 4 * wide, 70008 + 4 * wide);

    ReadBody read = ReadBody.of(ReadBody.document("'x':'y'", tensors, 70008 + 4 * wide));

    assertThat(read.taken()).extracting(t -> t.id().layer()).containsExactly("w");
    assertThat(read.contents().tensors()).isEqualTo(1);
    assertThat(read.contents().leftOut())
        .containsExactly(
            "flags: its dtype is none that is analysed",
            "none: it has no values",
            "wide: a row of 2031620 bytes fits no record, which takes 2031616",
            "deep: it has 65 dimensions, more than 64");
  }

  private static byte[] document(Map<String, String> metadata, SafetensorsWriter.Tensor tensor) {
    byte[] header = SafetensorsWriter.header(metadata, List.of(tensor));
    byte[] data = tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    byte[] document = java.util.Arrays.copyOf(header, header.length + data.length);
    System.arraycopy(data, 0, document, header.length, data.length);
    return document;
  }

  /** Gives fewer bytes than are asked for, as a network does. */
  private static final class Dripping extends FilterInputStream {
    Dripping(byte[] bytes) {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return super.read(into, offset, Math.min(length, 1000));
    }
  }
}

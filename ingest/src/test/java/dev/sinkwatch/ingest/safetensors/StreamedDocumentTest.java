package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies of several tensors, read as they come. */
class StreamedDocumentTest {
  private static final String WEIGHTS =
      "'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},"
          + "'b':{'dtype':'F32','shape':[3,2],'data_offsets':[16,40]}";

  private static final int JUNK_KEYS = 70_000;
  private static final int MANY_TENSORS = 24_000;

  private record Read(StreamedDocument.Contents contents, List<Shard> taken) {}

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

    Read read = read(new Dripping(document), OptionalLong.empty());

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

    List<Shard> taken = read(document).taken();

    assertThat(taken)
        .extracting(t -> t.rows())
        .containsExactly(
            new RowRange(100, 100 + rows / 2), new RowRange(100 + rows / 2, 100 + rows));
    assertThat(taken).allMatch(t -> t.shape().equals(Shape.of(2, rows, 1024)));
  }

  @Test
  void eachTensorHasMetadataOfItsOwnOverThatOfAll() throws Exception {
    byte[] body =
        body(
            "'sinkwatch.kind':'dense','sinkwatch.kind.b':'ignore','sinkwatch.index.a':'7',"
                + "'sinkwatch.rows.a':'4:6','sinkwatch.shape.a':'9,2','sinkwatch.attempt':'3',"
                + "'sinkwatch.operators':'5','sinkwatch.learning-rate':'3e-4',"
                + "'sinkwatch.weight-decay':'0.1','sinkwatch.note':'n','format':'pt'",
            WEIGHTS,
            40);

    List<Shard> taken = read(body).taken();

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
    List<Shard> whole = read(body("", WEIGHTS, 40)).taken();
    assertThat(whole.getFirst().publish()).isNotNull().isEqualTo(whole.getLast().publish());
    assertThat(read(body("", WEIGHTS, 40)).taken().getFirst().publish())
        .isNotEqualTo(whole.getFirst().publish());

    String rows = "'sinkwatch.rows.a':'4:6','sinkwatch.shape.a':'9,2'";
    List<Shard> ofRank = read(body(rows, WEIGHTS, 40)).taken();
    assertThat(ofRank.getFirst().publish()).isNull();
    assertThat(ofRank.getLast().publish()).isNotNull();

    String agreed = ",'sinkwatch.publish':'\\ud800 ours'"; // of which no record may take harm
    Shard first = read(body(rows + agreed, WEIGHTS, 40)).taken().getFirst();
    Shard second = read(body(rows + agreed, WEIGHTS, 40)).taken().getLast();
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

    Read read = read(body("'x':'y'", tensors, 70008 + 4 * wide));

    assertThat(read.taken()).extracting(t -> t.id().layer()).containsExactly("w");
    assertThat(read.contents().tensors()).isEqualTo(1);
    assertThat(read.contents().leftOut())
        .containsExactly(
            "flags: its dtype is none that is analysed",
            "none: it has no values",
            "wide: a row of 2031620 bytes fits no record, which takes 2031616",
            "deep: it has 65 dimensions, more than 64");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'sinkwatch.run':'other'|RUN_INVALID",
        "'sinkwatch.run':'-'|RUN_INVALID",
        "'sinkwatch.step':'8'|STEP_INVALID",
        "'sinkwatch.step':'x'|STEP_INVALID",
        "'sinkwatch.attempt':'-1'|ATTEMPT_INVALID",
        "'sinkwatch.rows':'0:2','sinkwatch.shape':'9,2'|ROWS_INVALID",
        "'sinkwatch.rows.a':'0:2'|ROWS_WITHOUT_SHAPE",
        "'sinkwatch.rows.a':'0:3','sinkwatch.shape.a':'9,2'|ROWS_NOT_TENSOR",
        "'sinkwatch.rows.c':'0:3','sinkwatch.shape.c':'9,2'|ROWS_INVALID,SHAPE_INVALID",
        "'sinkwatch.kind.c':'dense'|KIND_INVALID",
        "'sinkwatch.kind.a':'dens'|KIND_INVALID",
        "'sinkwatch.observability.b':'x'|OBSERVABILITY_INVALID",
        "'sinkwatch.index.b':'x'|INDEX_INVALID",
        "'sinkwatch.activation':'x'|ACTIVATION_INVALID",
        "'sinkwatch.operators':'0'|OPERATORS_INVALID",
        "'sinkwatch.learning-rate':'00000000000000000000000000000000000000000000000000000000"
            + "000000000000000000001'|LEARNING_RATE_INVALID",
      })
  void metadataThatContradictsIsRefusedBeforeAnythingIsTaken(String metadata, String reasons)
      throws Exception {
    assertThat(reasons.split(",")).contains(refused(body(metadata, WEIGHTS, 40)).name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},"
            + "'b':{'dtype':'F32','shape':[2,2],'data_offsets':[8,24]}|OFFSETS_NOT_CONTIGUOUS",
        "'a':{'dtype':'F32','shape':[4611686018427387904,2],'data_offsets':[0,24]}|SHAPE_OVERFLOW",
        "'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,24]}|OFFSETS_NOT_SHAPE",
        "'a':{'dtype':'F32','shape':[6],'data_offsets':[0,24]},"
            + "'a':{'dtype':'F32','shape':[6],'data_offsets':[0,24]}|DUPLICATE_KEY",
        "'a':7|TENSOR_MALFORMED",
        "'\\u0007':{'dtype':'F32','shape':[6],'data_offsets':[0,24]}|LAYER_INVALID",
      })
  void headersThatLieAreRefusedWhateverTheLength(String tensors, Reason reason) throws Exception {
    assertThat(refused(body("'x':'y'", tensors, 24))).isEqualTo(reason);
  }

  @Test
  void aBodyOfAnotherLengthThanItsHeaderSaysIsRefusedAlsoWhenThatComesOut() throws Exception {
    byte[] body = body("'x':'y'", WEIGHTS, 40);
    for (int length = 0; length <= body.length + 1; length++) {
      byte[] other = java.util.Arrays.copyOf(body, length);
      if (length == body.length) {
        assertThat(read(other).taken()).hasSize(2);
        continue;
      }
      RejectedException known = thrown(other, OptionalLong.of(length));
      RejectedException streamed = thrown(other, OptionalLong.empty());
      assertThat(streamed.rejection().reason())
          .as("%d of %d bytes", length, body.length)
          .isEqualTo(known.rejection().reason())
          .isIn(
              Reason.TOO_SHORT,
              Reason.HEADER_BEYOND_RECORD,
              Reason.OFFSETS_BEYOND_RECORD,
              Reason.TRAILING_BYTES);
    }
  }

  /**
   * As many tensors, each with a key of its own, and keys that mean nothing as a header can hold.
   */
  @Test
  @Timeout(20)
  void keysThatMeanNothingCostNothingForEachTensor() throws Exception {
    StringBuilder metadata = new StringBuilder();
    StringBuilder tensors = new StringBuilder();
    for (int i = 0; i < JUNK_KEYS; i++) {
      metadata.append("'sinkwatch.-").append(Integer.toString(i, 36)).append("':'',");
    }
    for (int i = 0; i < MANY_TENSORS; i++) {
      String name = Integer.toString(i, 36);
      metadata.append(i == 0 ? "" : ",").append("'sinkwatch.index.").append(name).append("':'1'");
      tensors.append(i == 0 ? "" : ",").append("'").append(name);
      tensors.append("':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}");
    }

    Read read = read(body(metadata.toString(), tensors.toString(), 0));

    assertThat(read.contents().leftOut()).hasSize(MANY_TENSORS);
  }

  /** Whoever reads bodies reserves memory by this. */
  @Test
  void readingAHeaderAllocatesNoMoreThanItSays() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (MalformedRecords.Malformed hostile : HostileHeaders.all()) {
      byte[] value = hostile.value();
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 3; i++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
          Read _ = read(value);
        } catch (RejectedException e) {
          // as well
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat((double) least / value.length)
          .as("times the length of %s", hostile)
          .isLessThanOrEqualTo(StreamedDocument.HEADER_COST);
    }
  }

  private static byte[] body(String metadata, String tensors, int dataBytes) {
    return MalformedRecords.document(
        "{'__metadata__':{" + metadata + "}," + tensors + "}", dataBytes);
  }

  private static byte[] document(Map<String, String> metadata, SafetensorsWriter.Tensor tensor) {
    byte[] header = SafetensorsWriter.header(metadata, List.of(tensor));
    byte[] data = tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    byte[] document = java.util.Arrays.copyOf(header, header.length + data.length);
    System.arraycopy(data, 0, document, header.length, data.length);
    return document;
  }

  private static Reason refused(byte[] body) {
    RejectedException known = thrown(body, OptionalLong.of(body.length));
    RejectedException streamed = thrown(body, OptionalLong.empty());
    assertThat(streamed.rejection()).isEqualTo(known.rejection());
    return known.rejection().reason();
  }

  private static RejectedException thrown(byte[] body, OptionalLong length) {
    try {
      Read read = read(new ByteArrayInputStream(body), length);
      throw new AssertionError("taken: " + read.taken());
    } catch (RejectedException e) {
      return e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Read read(byte[] body) throws IOException {
    return read(new ByteArrayInputStream(body), OptionalLong.of(body.length));
  }

  private static Read read(InputStream in, OptionalLong length) throws IOException {
    StreamedDocument document = new StreamedDocument(in, length);
    int _ = document.headerBytes();
    StreamedDocument.Contents contents = document.open("r", 7);
    List<Shard> taken = new ArrayList<>();
    document.cut(shard -> taken.add(copy(shard)));
    return new Read(contents, taken);
  }

  /** The data is overwritten with the next shard's. */
  private static Shard copy(Shard shard) {
    byte[] data = shard.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    return new Shard(
        shard.id(),
        shard.shape(),
        shard.rows(),
        shard.dtype(),
        MemorySegment.ofArray(data),
        shard.hints(),
        0,
        shard.publish());
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

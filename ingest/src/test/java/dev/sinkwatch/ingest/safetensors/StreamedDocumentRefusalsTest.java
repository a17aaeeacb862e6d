package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that lie are refused before anything of them is taken, and cost no more than they say. */
class StreamedDocumentRefusalsTest {
  private static final int JUNK_KEYS = 70_000;
  private static final int MANY_TENSORS = 24_000;

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
    assertThat(reasons.split(","))
        .contains(refused(ReadBody.document(metadata, ReadBody.WEIGHTS, 40)).name());
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
    assertThat(refused(ReadBody.document("'x':'y'", tensors, 24))).isEqualTo(reason);
  }

  @Test
  void aBodyOfAnotherLengthThanItsHeaderSaysIsRefusedAlsoWhenThatComesOut() throws Exception {
    byte[] body = ReadBody.document("'x':'y'", ReadBody.WEIGHTS, 40);
    for (int length = 0; length <= body.length + 1; length++) {
      byte[] other = java.util.Arrays.copyOf(body, length);
      if (length == body.length) {
        assertThat(ReadBody.of(other).taken()).hasSize(2);
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

    ReadBody read = ReadBody.of(ReadBody.document(metadata.toString(), tensors.toString(), 0));

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
          ReadBody _ = ReadBody.of(value);
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

  private static Reason refused(byte[] body) {
    RejectedException known = thrown(body, OptionalLong.of(body.length));
    RejectedException streamed = thrown(body, OptionalLong.empty());
    assertThat(streamed.rejection()).isEqualTo(known.rejection());
    return known.rejection().reason();
  }

  private static RejectedException thrown(byte[] body, OptionalLong length) {
    try {
      ReadBody read = ReadBody.of(new ByteArrayInputStream(body), length);
      throw new AssertionError("taken: " + read.taken());
    } catch (RejectedException e) {
      return e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

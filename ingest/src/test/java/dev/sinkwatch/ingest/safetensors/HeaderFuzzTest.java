package dev.sinkwatch.ingest.safetensors;

import static dev.sinkwatch.ingest.Fuzzing.require;
import static dev.sinkwatch.ingest.Fuzzing.requireLine;

import com.sun.management.ThreadMXBean;
import dev.sinkwatch.ingest.Fuzzing;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes as the header of a file and of a record. */
public class HeaderFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long MOST_BYTES = 64 << 10;

  /** Why a record may be refused that would do as a file. */
  private static final Set<Reason> OF_RECORDS =
      EnumSet.of(
          Reason.HEADER_TOO_LONG, Reason.HEADER_TOO_RICH, Reason.NO_TENSOR, Reason.SEVERAL_TENSORS);

  @TempDir private Path directory;

  /** Jazzer's door. */
  public static void fuzzerTestOneInput(byte[] header) {
    SafetensorsHeader file = null;
    SafetensorsHeader record = null;
    try {
      file = parse(header, Carrier.FILE);
      requireSound(file);
    } catch (RejectedException e) {
      requireReason(e);
    }
    try {
      record = parse(header, Carrier.RECORD);
    } catch (RejectedException e) {
      requireReason(e);
      require(
          file == null || OF_RECORDS.contains(e.rejection().reason()),
          "a file, but no record: " + e.rejection());
    }
    if (record != null) {
      require(record.tensors().size() == 1, "a record of " + record.tensors().size() + " tensors");
      if (file == null || !file.tensors().equals(record.tensors())) {
        throw new AssertionError("a record, but not that file");
      }
      require(
          file.metadata().entrySet().containsAll(record.metadata().entrySet()),
          "metadata of the record that the file has not");
    }
  }

  private static SafetensorsHeader parse(byte[] header, Carrier carrier) throws RejectedException {
    return SafetensorsHeader.parse(ByteBuffer.wrap(header), carrier, OptionalLong.empty());
  }

  private static void requireReason(RejectedException e) {
    requireLine(e);
    require(
        e.rejection().reason().compareTo(Reason.TRAILING_BYTES) <= 0,
        "no reason of a header: " + e.rejection());
  }

  private static void requireSound(SafetensorsHeader header) {
    long end = 0;
    for (TensorEntry tensor : header.tensors()) {
      require(tensor.begin() == end, "a gap before " + tensor);
      end = tensor.end();
      require(end >= tensor.begin(), "backwards: " + tensor);
      long elements = tensor.shape().elements();
      require(elements >= 0, "negative: " + tensor);
      require(
          tensor.supported().isEmpty()
              || tensor.bytes() == elements * tensor.supported().get().bytes(),
          "bytes of " + tensor);
    }
    require(header.dataBytes() == end, "bytes of all");
  }

  /**
   * Tried again where it is not, as classes are loaded at first. Not within Jazzer, whose
   * instrumentation takes memory itself.
   */
  private static void requireCheap(byte[] header) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5 && least > MOST_BYTES; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        parse(header, Carrier.RECORD);
      } catch (RejectedException e) {
        // or accepted: the bound holds for these as well
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    require(least <= MOST_BYTES, least + " bytes for a header");
  }

  private static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (MalformedRecords.Malformed record : MalformedRecords.all()) {
      if (record.value().length > 8) {
        seeds.add(Arrays.copyOfRange(record.value(), 8, record.value().length));
        seeds.add(Arrays.copyOfRange(record.value(), 8, Math.max(8, record.value().length - 16)));
      }
    }
    seeds.addAll(
        Fuzzing.seeds(
            "{}",
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[24,26]}}   "));
    return seeds;
  }

  @Test
  void seedsAreSound() {
    seeds().forEach(HeaderFuzzTest::fuzzerTestOneInput);
    seeds().forEach(HeaderFuzzTest::requireCheap);
  }

  @Test
  void whateverJazzerFindsIsSound() throws Exception {
    new Fuzzing(HeaderFuzzTest.class, "dev.sinkwatch.ingest.**:com.fasterxml.jackson.core.**")
        .run(directory, seeds())
        .forEach(HeaderFuzzTest::requireCheap);
  }
}

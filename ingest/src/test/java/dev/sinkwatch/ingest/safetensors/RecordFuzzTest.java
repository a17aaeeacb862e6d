package dev.sinkwatch.ingest.safetensors;

import static dev.sinkwatch.ingest.Fuzzing.require;
import static dev.sinkwatch.ingest.Fuzzing.requireLine;

import dev.sinkwatch.ingest.Fuzzing;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shard;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes as a record. Those that begin with a brace are a header to which length and data are
 * added, since few bytes in a row make a right length by chance.
 */
public class RecordFuzzTest {

  @TempDir private Path directory;

  /** Jazzer's door. */
  public static void fuzzerTestOneInput(byte[] input) {
    byte[] value = input.length > 1 && input[1] == '{' ? framed(input) : input;
    try {
      if (ShardCodec.decode(value, 7) instanceof Decoded.Parsed(Shard shard)) {
        requireSound(shard);
        requireSame(shard, ShardCodec.encode(shard));
        requireStreamed(shard, value);
      }
    } catch (RejectedException e) {
      requireLine(e);
    }
    List<Shard> _ = streamed(value, "r", 1, OptionalLong.empty());
  }

  /** A record's value that is a body too says the same as one. */
  private static void requireStreamed(Shard shard, byte[] value) {
    List<Shard> shards =
        streamed(value, shard.id().run(), shard.id().step(), OptionalLong.of(value.length));
    if (shards.isEmpty()) {
      return; // a body is stricter: with keys for layers that it lacks, and with more dimensions
    }
    long row = shard.rows().from();
    for (Shard part : shards) {
      require(part.id().equals(shard.id()), "streamed as " + part.id());
      require(part.shape().equals(shard.shape()), "streamed as " + part.shape());
      require(part.hints().equals(shard.hints()), "streamed as " + part.hints());
      require(part.rows().from() == row, "streamed from " + part.rows());
      row = part.rows().to();
    }
    require(row == shard.rows().to(), "streamed up to row " + row);
  }

  private static List<Shard> streamed(
      byte[] value, String run, long step, OptionalLong documentBytes) {
    List<Shard> shards = new ArrayList<>();
    StreamedDocument document =
        new StreamedDocument(new ByteArrayInputStream(value), documentBytes);
    try {
      int _ = document.headerBytes();
      StreamedDocument.Contents _ = document.open(run, step);
      document.cut(shard -> {
        requireSound(shard);
        shards.add(shard);
      });
      return shards;
    } catch (RejectedException e) {
      requireLine(e);
      return List.of();
    } catch (IOException e) {
      throw new AssertionError("no reason", e);
    }
  }

  /** The first byte says how many bytes of data follow. */
  private static byte[] framed(byte[] input) {
    int header = input.length - 1;
    return ByteBuffer.allocate(8 + header + Byte.toUnsignedInt(input[0]))
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header)
        .put(input, 1, header)
        .array();
  }

  private static void requireSound(Shard shard) {
    long rows = shard.rows().count();
    require(shard.id().step() >= 0 && shard.id().attempt() >= 0, "id " + shard.id());
    require(shard.id().run().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}"), "run " + shard.id());
    require(shard.id().layer().chars().noneMatch(Character::isISOControl), "layer " + shard.id());
    require(shard.rows().from() >= 0 && rows > 0, "rows " + shard.rows());
    require(shard.rows().to() <= shard.shape().rows(), "rows " + shard.rows());
    require(
        shard.data().byteSize() == rows * shard.shape().columns() * shard.dtype().bytes(),
        "bytes of " + shard.rows() + " of " + shard.shape());
  }

  private static void requireSame(Shard shard, byte[] written) throws RejectedException {
    if (!(ShardCodec.decode(written, 7) instanceof Decoded.Parsed(Shard read))) {
      throw new AssertionError("written and ignored: " + shard.id());
    }
    require(read.id().equals(shard.id()), "written as " + read.id());
    require(read.shape().equals(shard.shape()), "written as " + read.shape());
    require(read.rows().equals(shard.rows()), "written as " + read.rows());
    require(read.dtype() == shard.dtype(), "written as " + read.dtype());
    require(read.hints().equals(shard.hints()), "written as " + read.hints());
    require(read.data().mismatch(shard.data()) == -1, "written with other values");
  }

  private static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    List<byte[]> values =
        new ArrayList<>(MalformedRecords.all().stream().map(m -> m.value()).toList());
    values.add(HostileBytesTest.VALID);
    values.add(
        MalformedRecords.document(
            "{'__metadata__':{'sinkwatch.run':'r','sinkwatch.step':'1'},"
                + "'w \\u00e9':{'dtype':'BF16','shape':[2,1,2],'data_offsets':[0,8]}}",
            8));
    for (byte[] value : values) {
      seeds.add(value);
      if (value.length > 24 && value[8] == '{') {
        long header = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] framed = Arrays.copyOfRange(value, 7, (int) Math.min(value.length, 8 + header));
        framed[0] = (byte) (value.length - 8 - header);
        seeds.add(framed);
      }
    }
    return seeds;
  }

  @Test
  void seedsAreReadOrRefused() {
    seeds().forEach(RecordFuzzTest::fuzzerTestOneInput);
  }

  @Test
  void whateverJazzerFindsIsReadOrRefused() throws Exception {
    new Fuzzing(RecordFuzzTest.class, "dev.sinkwatch.ingest.**:com.fasterxml.jackson.core.**")
        .run(directory, seeds());
  }
}

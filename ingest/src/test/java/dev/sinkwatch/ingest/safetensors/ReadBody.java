package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Shard;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A body of several tensors that was read as it came, for tests. */
record ReadBody(StreamedDocument.Contents contents, List<Shard> taken) {

  /** Two tensors of 40 bytes. */
  static final String WEIGHTS =
      "'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},"
          + "'b':{'dtype':'F32','shape':[3,2],'data_offsets':[16,40]}";

  /** With metadata and tensors as a header says them, and so many zeros. */
  static byte[] document(String metadata, String tensors, int dataBytes) {
    return MalformedRecords.document(
        "{'__metadata__':{" + metadata + "}," + tensors + "}", dataBytes);
  }

  static ReadBody of(byte[] body) throws IOException {
    return of(new ByteArrayInputStream(body), OptionalLong.of(body.length));
  }

  static ReadBody of(InputStream in, OptionalLong length) throws IOException {
    StreamedDocument document = new StreamedDocument(in, length);
    int _ = document.headerBytes();
    StreamedDocument.Contents contents = document.open("r", 7);
    List<Shard> taken = new ArrayList<>();
    document.cut(shard -> taken.add(copy(shard)));
    return new ReadBody(contents, taken);
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
}

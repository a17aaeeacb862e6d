package dev.sinkwatch.ingest.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What changes when a file is written to, or another one takes its place. As fine as the file
 * system tells: on most, what is written in place within the same few milliseconds looks the same.
 *
 * @param modified as finely as the file system has it
 * @param identity which file it is and when anything about it last changed, even where its writer
 *     set the time of modification back; empty where the file system does not tell
 */
public record Stamp(Path path, long bytes, FileTime modified, String identity) {
  private static final String UNIX = "unix";

  static Stamp of(Path path) throws IOException {
    if (path.getFileSystem().supportedFileAttributeViews().contains(UNIX)) {
      Map<String, Object> all =
          Files.readAttributes(path, UNIX + ":size,lastModifiedTime,dev,ino,ctime");
      if (all.get("size") instanceof Long bytes
          && all.get("lastModifiedTime") instanceof FileTime modified) {
        String identity = all.get("dev") + ":" + all.get("ino") + ":" + all.get("ctime");
        return new Stamp(path, bytes, modified, identity);
      }
    }
    BasicFileAttributes basic = Files.readAttributes(path, BasicFileAttributes.class);
    Object key = basic.fileKey();
    return new Stamp(
        path, basic.size(), basic.lastModifiedTime(), key == null ? "" : key.toString());
  }

  /** Milliseconds since 1970. */
  long modifiedMillis() {
    return modified.toMillis();
  }

  /** Nanoseconds since 1970, as far as they are told. */
  long modifiedNanos() {
    return modified.to(TimeUnit.NANOSECONDS);
  }
}

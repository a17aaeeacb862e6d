package dev.sinkwatch.dashboard.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** By what a changed file is known without reading it; a missing one has a stamp too. */
public record FileStamp(long modifiedNanos, long size, String identity) {
  private static final FileStamp MISSING = new FileStamp(0, -1, "");

  /** As it is now; links are followed, so that one that was turned elsewhere is a change. */
  public static FileStamp of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(
          now.lastModifiedTime().to(TimeUnit.NANOSECONDS),
          now.size(),
          Objects.toString(now.fileKey(), ""));
    } catch (IOException e) {
      return MISSING;
    }
  }
}

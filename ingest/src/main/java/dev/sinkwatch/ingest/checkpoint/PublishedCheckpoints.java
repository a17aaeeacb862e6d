package dev.sinkwatch.ingest.checkpoint;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which checkpoints were published, kept in a file, so that a publisher that starts again does not
 * publish them twice: a line for each, the digest of its run, its step, and its files with their
 * sizes and times. What is lost of it is published again, which changes no verdict. Several
 * publishers may add to one file. For one thread.
 */
public final class PublishedCheckpoints {

  /** More are cut down to half of it when the file is opened. */
  private static final int MOST = 20_000;

  private final Path file;
  private final Set<String> digests = new LinkedHashSet<>();

  private PublishedCheckpoints(Path file) {
    this.file = file;
  }

  /**
   * Reads what is remembered; nothing when there is no such file yet.
   *
   * @throws IOException when it cannot be read, or be written to
   */
  public static PublishedCheckpoints in(Path file) throws IOException {
    PublishedCheckpoints published = new PublishedCheckpoints(file);
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    List<String> lines = List.of();
    if (Files.exists(file)) {
      try {
        lines = Files.readAllLines(file);
      } catch (MalformedInputException e) {
        throw new IOException("it is no text", e);
      }
    }
    boolean many = lines.size() > MOST;
    published.digests.addAll(many ? lines.subList(lines.size() - MOST / 2, lines.size()) : lines);
    if (many) {
      Files.write(file, published.digests);
    } else {
      Files.write(file, List.of(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    return published;
  }

  /** Whether it was published as it is now. */
  public boolean has(String run, int attempt, Checkpoint checkpoint) {
    return digests.contains(digest(run, attempt, checkpoint));
  }

  /** Remembers one of which all shards are acknowledged. */
  public void add(String run, int attempt, Checkpoint checkpoint) throws IOException {
    String digest = digest(run, attempt, checkpoint);
    if (digests.add(digest)) {
      Files.writeString(file, digest + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private static String digest(String run, int attempt, Checkpoint checkpoint) {
    StringBuilder text = new StringBuilder();
    text.append(run).append('\n').append(attempt).append('\n').append(checkpoint.step());
    for (TensorFile tensors : checkpoint.files()) {
      Stamp stamp = tensors.stamp();
      text.append('\n').append(stamp.path()).append('\0').append(stamp.bytes());
      text.append('\0').append(stamp.modifiedNanos());
    }
    try {
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

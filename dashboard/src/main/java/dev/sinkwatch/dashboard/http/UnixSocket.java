package dev.sinkwatch.dashboard.http;

import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a Unix socket: who may write it may connect, its owner and its group. What a dead
 * monitor left there is replaced, what a living one listens on is not.
 */
final class UnixSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UnixSocket.class);
  private static final String PERMISSIONS = "rw-rw----";

  /** What every system takes; Linux takes four more. */
  private static final int LONGEST_PATH = 103;

  /** Listens at an address. */
  @FunctionalInterface
  interface Listening {
    void at(SocketAddress address) throws IOException;
  }

  private final Path path;
  private final @Nullable Object inode;

  private UnixSocket(Path path, @Nullable Object inode) {
    this.path = path;
    this.inode = inode;
  }

  /**
   * Makes sure that a socket may be put there.
   *
   * @throws IOException with one line if not
   */
  static void check(Path path) throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new IOException(
          path + ": longer than the path of a socket may be, " + LONGEST_PATH + " bytes");
    }
    Path directory = directory(path);
    if (!Files.isDirectory(directory)) {
      throw new IOException(path + ": there is no directory " + directory);
    }
    BasicFileAttributes there = attributes(path);
    if (there == null) {
      return;
    }
    if (!there.isOther()) {
      throw new IOException(path + ": is there already, and no socket");
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      boolean _ = channel.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException e) {
      return; // nobody listens: what a dead monitor left
    } catch (IOException e) {
      throw new IOException(path + ": is there already: " + e.getMessage(), e);
    }
    throw new IOException(
        path + " is taken by a process that listens on it; choose another with --listen-unix PATH");
  }

  /**
   * Makes a socket and listens on it. It is made where nobody else can reach it and moved when its
   * permissions are right, since until then they are what the process's umask says.
   *
   * @throws IOException with one line if that does not work
   */
  static UnixSocket listen(Path path, Listening listening) throws IOException {
    check(path);
    Path hidden = null;
    try {
      hidden = Files.createTempDirectory(directory(path), ".s"); // rwx for its owner alone
      Path made = hidden.resolve("s");
      listening.at(SocketAddress.domainSocketAddress(made.toString()));
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(PERMISSIONS));
      BasicFileAttributes attributes = attributes(made);
      Files.move(made, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new UnixSocket(path, attributes == null ? null : attributes.fileKey());
    } catch (AccessDeniedException e) {
      throw new IOException("cannot listen on " + path + ": permission denied", e);
    } catch (IOException e) {
      throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
    } finally {
      if (hidden != null) {
        Files.deleteIfExists(hidden.resolve("s"));
        Files.deleteIfExists(hidden);
      }
    }
  }

  /** Removes the file, unless another monitor has put its own there. */
  @Override
  public void close() {
    try {
      BasicFileAttributes there = attributes(path);
      if (there != null && Objects.equals(there.fileKey(), inode)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      LOG.warn("{} could not be removed: {}", path, e.toString());
    }
  }

  private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static Path directory(Path path) {
    return Objects.requireNonNullElse(path.toAbsolutePath().getParent(), Path.of("/"));
  }
}

package dev.sinkwatch.dashboard.http;

import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
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

  /** Behind the directory, where a socket is made: {@code /.sxxxx/s}. */
  private static final int HIDDEN_BYTES = 9;

  /** Names of four digits to the base 36. */
  private static final int HIDDEN_NAMES = 36 * 36 * 36 * 36;

  private static final int HIDDEN_ATTEMPTS = 100;

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
    if (bytes(path) > LONGEST_PATH) {
      throw new IOException(
          path + ": longer than the path of a socket may be, " + LONGEST_PATH + " bytes");
    }
    Path directory = directory(path);
    if (bytes(directory) > LONGEST_PATH - HIDDEN_BYTES) {
      throw new IOException(
          path
              + ": the path of its directory is longer than a socket allows, "
              + (LONGEST_PATH - HIDDEN_BYTES)
              + " bytes");
    }
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
      hidden = hidden(directory(path));
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

  /** A directory for its owner alone; a temporary one of the JDK's has a name that is too long. */
  private static Path hidden(Path directory) throws IOException {
    FileAttribute<?> owner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    for (int attempt = 1; ; attempt++) {
      int number = HIDDEN_NAMES + ThreadLocalRandom.current().nextInt(HIDDEN_NAMES);
      Path hidden = directory.resolve(".s" + Integer.toString(number, 36).substring(1));
      try {
        return Files.createDirectory(hidden, owner);
      } catch (FileAlreadyExistsException e) {
        if (attempt == HIDDEN_ATTEMPTS) {
          throw e;
        }
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

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static Path directory(Path path) {
    return Objects.requireNonNullElse(path.toAbsolutePath().getParent(), Path.of("/"));
  }
}

package dev.sinkwatch.ingest.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a broker keeps its data, locked while it does: others leave it alone as long. */
final class BrokerDirectory implements AutoCloseable {
  private static final String PREFIX = "sinkwatch-kafka-";
  private static final String LOCK = "sinkwatch.lock";
  private static final int ATTEMPTS = 3;

  /**
   * Those of this process, of which the lock files must not be opened: a process that closes one
   * gives its lock up, whichever channel holds it.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final boolean temporary;
  private final FileChannel lock;

  private BrokerDirectory(Path path, boolean temporary, FileChannel lock) {
    this.path = path;
    this.temporary = temporary;
    this.lock = lock;
  }

  /**
   * One that is kept.
   *
   * @throws IOException when another broker is using it
   */
  static BrokerDirectory kept(Path path) throws IOException {
    Files.createDirectories(path);
    return locked(path.toRealPath(), false);
  }

  /** A new one that {@link #close} deletes. What killed processes left of theirs goes as well. */
  static BrokerDirectory temporary() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Path path = Files.createTempDirectory(PREFIX).toRealPath();
      try {
        BrokerDirectory directory = locked(path, true);
        removeAbandoned(path);
        return directory;
      } catch (IOException e) {
        // another process that cleans up found it in the moment before it was locked
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Kafka itself locks the directory only after its controller has begun to write in it, and a
   * controller whose log another one changes ends the process.
   */
  private static BrokerDirectory locked(Path path, boolean temporary) throws IOException {
    if (OURS.add(path)) {
      FileChannel lock = null;
      try {
        lock = tryLock(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      } finally {
        if (lock == null) {
          OURS.remove(path);
        }
      }
      if (lock != null) {
        return new BrokerDirectory(path, temporary, lock);
      }
    }
    throw new IOException("another embedded Kafka broker is using " + path);
  }

  private static @Nullable FileChannel tryLock(Path directory, StandardOpenOption... options)
      throws IOException {
    FileChannel channel = FileChannel.open(directory.resolve(LOCK), options);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // held by another broker of this process
    }
    channel.close();
    return null;
  }

  /**
   * Deletes the temporary directories beside this one that a broker locked which is gone. Those of
   * other users stay, and so does what has no lock of ours.
   */
  private static void removeAbandoned(Path own) throws IOException {
    UserPrincipal user = Files.getOwner(own);
    try (DirectoryStream<Path> others =
        Files.newDirectoryStream(own.resolveSibling("."), PREFIX + "*")) {
      for (Path found : others) {
        Path other = found.normalize();
        try {
          if (!OURS.contains(other)
              && Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
              && Files.isRegularFile(other.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)
              && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(user)) {
            removeIfFree(other);
          }
        } catch (IOException e) {
          // the next start tries again
        }
      }
    } catch (IOException e) {
      // what cannot be listed is left as it is
    }
  }

  private static void removeIfFree(Path directory) throws IOException {
    FileChannel lock = tryLock(directory, StandardOpenOption.WRITE);
    if (lock != null) {
      try (lock) {
        delete(directory);
      }
    }
  }

  Path path() {
    return path;
  }

  /** Gives the lock up; deletes the directory if it is a temporary one. */
  @Override
  public void close() throws IOException {
    OURS.remove(path);
    lock.close();
    if (temporary) {
      delete(path);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}

package dev.sinkwatch.dashboard.access;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The users as the file names them now; a file that cannot be read leaves them as they were. */
final class UsersFile {
  private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);

  private final Path file;
  private FileStamp stamp;
  private volatile Users users;

  /**
   * @throws IOException with one line
   */
  UsersFile(Path file) throws IOException {
    this.file = file;
    this.stamp = FileStamp.of(file); // before reading: what comes later is seen as a change
    this.users = Users.read(file);
  }

  Users now() {
    return users;
  }

  /** Reads the file again if it has changed; what is wrong with it is said once. */
  synchronized void refresh() {
    FileStamp fresh = FileStamp.of(file);
    if (fresh.equals(stamp)) {
      return;
    }
    stamp = fresh;
    try {
      users = Users.read(file);
      LOG.info("{} users of {} may come in", users.size(), file);
    } catch (IOException e) {
      LOG.error("{}; the users before it stay", e.getMessage());
    }
  }
}

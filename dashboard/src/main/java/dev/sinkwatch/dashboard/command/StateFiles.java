package dev.sinkwatch.dashboard.command;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where commands keep what they remember from run to run. */
final class StateFiles {

  private StateFiles() {}

  /**
   * A file of the user's: as the XDG base directories say, or for users without a home, as in
   * containers, among what the machine forgets.
   */
  static Path of(String name) {
    String state = System.getenv("XDG_STATE_HOME");
    Path home = Path.of(System.getProperty("user.home", "?"));
    Path base;
    if (state != null && !state.isEmpty()) {
      base = Path.of(state);
    } else if (Files.isDirectory(home) && Files.isWritable(home)) {
      base = home.resolve(".local").resolve("state");
    } else {
      base = Path.of(System.getProperty("java.io.tmpdir"));
    }
    return base.resolve("sinkwatch").resolve(name);
  }
}

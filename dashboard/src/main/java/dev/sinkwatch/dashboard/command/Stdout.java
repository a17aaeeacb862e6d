package dev.sinkwatch.dashboard.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a command's output goes. It remembers that something could not be written, which a {@link
 * java.io.PrintWriter} keeps to itself. Safe for use by several threads if what it writes to is.
 */
final class Stdout extends OutputStream {
  private final OutputStream stream;
  private volatile @Nullable IOException failure;

  Stdout(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      stream.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    stream.flush();
  }

  /** The last failure, or null. */
  @Nullable IOException failure() {
    return failure;
  }

  /**
   * Whether it is a file that the process writes to, which may have no room, and not somebody who
   * reads. What the system says of a failure is in the user's language.
   */
  static boolean isFile() {
    return Files.isRegularFile(Path.of("/dev/stdout"));
  }
}

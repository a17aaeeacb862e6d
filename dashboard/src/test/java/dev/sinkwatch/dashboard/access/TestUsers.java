package dev.sinkwatch.dashboard.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A users file with hashes as cheap as they may be. */
public final class TestUsers {

  private TestUsers() {}

  /** One line of the file; the rest as YAML, such as {@code role: viewer}. */
  public static String line(String name, String password, String rest) {
    return line(name, password, rest, PasswordHash.LEAST_ITERATIONS);
  }

  static String line(String name, String password, String rest, int iterations) {
    return "%s: {hash: \"%s\", %s}"
        .formatted(name, PasswordHash.of(password, iterations).text(), rest);
  }

  /** Puts a whole new file in the place of the one before. */
  public static Path write(Path file, String... lines) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, String.join("\n", List.of(lines)) + "\n", UTF_8);
    return Files.move(
        fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}

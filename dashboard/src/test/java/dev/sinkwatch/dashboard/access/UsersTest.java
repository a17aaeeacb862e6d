package dev.sinkwatch.dashboard.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsersTest {
  private static final String HASH =
      "\"$pbkdf2-sha256$i=600000$c2FsdHNhbHRzYWx0c2FsdA$" + "A".repeat(43) + '"';

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a: 'b|not YAML, line 2: ",
        "[]|: users are expected, as `sinkwatch password NAME` writes them",
        "a: {role: viewer}|: user a: hash must be what `sinkwatch password` writes, of 100000 to"
            + " 5000000 iterations",
        "a: {hash: hunter2, role: viewer}|: user a: hash must be what",
        "a: {hash: HASH}|: user a: role must be viewer, operator or ingest",
        "a: {hash: HASH, role: root}|: user a: role must be viewer, operator or ingest",
        "a: {hash: HASH, role: viewer, expires: soon}|: user a: expires must be a date such as",
        "a: {hash: HASH, role: viewer, admin: true}|: user a: only hash, role and expires are"
            + " known",
        "a: {hash: [1], role: viewer}|: user a: hash must have a plain value",
        "a: HASH|: user a: hash and role are expected",
        "a b: {hash: HASH, role: viewer}|: a user's name is 1 to 64 letters",
        "~\"a:b\": {hash: HASH, role: viewer}~|: a user's name is 1 to 64 letters",
        "a: {hash: HASH, role: viewer}\\na: {hash: HASH, role: ingest}|not YAML, line 2: ",
        "a: {hash: hunter2|not YAML, line 2: ",
      })
  void whatIsWrongIsOneLineThatShowsNoHash(String text, String line) throws Exception {
    Path file = directory.resolve("users.yaml");
    Files.writeString(file, text.replace("HASH", HASH).replace("\\n", "\n") + "\n", UTF_8);
    assertThatThrownBy(() -> Users.read(file))
        .isInstanceOf(IOException.class)
        .message()
        .startsWith(file.toString())
        .contains(line)
        .doesNotContain("\n")
        .doesNotContain("hunter2")
        .doesNotContain("$pbkdf2");
  }

  @Test
  void aMissingFileIsOneLine() {
    Path file = directory.resolve("none.yaml");
    assertThatThrownBy(() -> Users.read(file)).hasMessage(file + ": no such file");
  }

  @Test
  void aDayEndsWithItsLastMoment() {
    assertThat(Users.end("2027-01-31")).hasValue(Instant.parse("2027-02-01T00:00:00Z"));
    assertThat(Users.end("2027-01-31T12:00:00Z")).hasValue(Instant.parse("2027-01-31T12:00:00Z"));
    assertThat(Users.end("2027-02-30")).isEqualTo(Optional.empty());
  }
}

package dev.sinkwatch.dashboard.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.access.Admission;
import dev.sinkwatch.dashboard.access.Authenticator;
import dev.sinkwatch.dashboard.access.Credentials;
import dev.sinkwatch.dashboard.access.Role;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What it prints is what the door reads. */
@Timeout(120)
class PasswordCommandTest {
  @TempDir private Path directory;

  private record Said(int code, String out, String err) {}

  private static Said password(String stdin, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(stdin.getBytes(UTF_8)));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    try {
      String[] all = new String[arguments.length + 1];
      all[0] = "password";
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      int code = Sinkwatch.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
      return new Said(code, out.toString(), err.toString());
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void linesMakeAFileWhoseUsersComeIn() throws Exception {
    Said alice = password("pässword: 1\n", "alice");
    Said gpu = password("pässword: 2\r\nmore\n", "123", "--role", "ingest");
    Said past = password("pässword: 3", "null", "--expires", "2020-01-31");
    assertThat(alice.code()).isZero();
    assertThat(alice.err()).isEmpty();
    assertThat(alice.out()).hasLineCount(1).doesNotContain("pässword");
    Path file = directory.resolve("users.yaml");
    Files.writeString(file, alice.out() + gpu.out() + past.out());
    try (Authenticator door = new Authenticator(file)) {
      assertThat(role(door, "alice", "pässword: 1")).isEqualTo(Role.VIEWER);
      assertThat(role(door, "123", "pässword: 2")).isEqualTo(Role.INGEST);
      assertThat(role(door, "alice", "pässword: 2")).isNull();
      assertThat(role(door, "null", "pässword: 3")).isNull();
    }
  }

  private static @Nullable Role role(Authenticator door, String name, String password)
      throws Exception {
    return door.authenticate(new Credentials(name, password), "192.0.2.1").get(60, TimeUnit.SECONDS)
            instanceof Admission.Granted(var user)
        ? user.role()
        : null;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'short'|alice|--role=viewer|a password has 8 characters or more",
        "''|alice|--role=viewer|no password was given",
        "'long enough'|alice|--role=root|--role must be viewer, operator or ingest",
        "'long enough'|a:b|--role=viewer|a user's name is 1 to 64 letters, digits and . _ @ -, the"
            + " first a letter or digit",
        "'long enough'|alice|--expires=soon|expires must be a date such as 2027-01-31, or a time"
            + " such as 2027-01-31T12:00:00Z",
      })
  void mistakesAreOneLine(String stdin, String name, String option, String line) {
    assertThat(password(stdin, name, option))
        .isEqualTo(new Said(1, "", "sinkwatch: " + line + "\n"));
  }
}

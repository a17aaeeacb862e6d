package dev.sinkwatch.dashboard.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.dashboard.access.NewUser;
import dev.sinkwatch.dashboard.access.Role;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "password",
    description =
        "Asks for a password, or reads it from stdin, and prints the user's line for http.users.",
    mixinStandardHelpOptions = true)
final class PasswordCommand implements Callable<Integer> {

  /** Set by the launcher when stdin is a terminal whose echo it has turned off. */
  private static final String QUIET_TERMINAL = "sinkwatch.stdin.terminal";

  private static final int LEAST_CHARACTERS = 8;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "of the user")
  private String name = "";

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "viewer, who sees everything; operator, who also silences alarms; or ingest, who only"
              + " publishes (default: ${DEFAULT-VALUE})",
      defaultValue = "viewer")
  private String role = "viewer";

  @Option(
      names = "--expires",
      paramLabel = "DATE",
      description = "last day on which the password is good, such as 2027-01-31 (default: none)")
  private @Nullable String expires;

  @Override
  public Integer call() throws Exception {
    Role known =
        Role.named(role)
            .orElseThrow(() -> new CommandException("--role must be viewer, operator or ingest"));
    NewUser user = NewUser.of(name, known, expires);
    spec.commandLine().getOut().println(user.line(password()));
    return Sinkwatch.OK;
  }

  @SuppressWarnings("SystemConsoleNull") // it may be null with another jdk.console
  private String password() throws IOException, CommandException {
    Console console = System.console();
    String password;
    if (console != null && console.isTerminal()) {
      password = text(console.readPassword("Password for %s: ", name));
      again(password, text(console.readPassword("The same once more: ")));
    } else {
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      boolean person = Boolean.getBoolean(QUIET_TERMINAL);
      password = line(in, person ? "Password for " + name + ": " : "");
      if (person) {
        again(password, line(in, "The same once more: "));
      }
    }
    if (password.codePointCount(0, password.length()) < LEAST_CHARACTERS) {
      throw new CommandException("a password has " + LEAST_CHARACTERS + " characters or more");
    }
    return password;
  }

  private static void again(String first, String second) throws CommandException {
    if (!first.equals(second)) {
      throw new CommandException("these were two different passwords");
    }
  }

  private String line(BufferedReader in, String prompt) throws IOException, CommandException {
    spec.commandLine().getErr().print(prompt);
    spec.commandLine().getErr().flush();
    String line = in.readLine();
    if (!prompt.isEmpty()) {
      spec.commandLine().getErr().println();
    }
    return text(line == null ? null : line.toCharArray());
  }

  private static String text(char @Nullable [] read) throws CommandException {
    if (read == null) {
      throw new CommandException("no password was given");
    }
    return new String(read);
  }
}

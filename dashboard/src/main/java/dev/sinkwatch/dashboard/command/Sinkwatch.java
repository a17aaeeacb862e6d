package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.dashboard.config.ConfigException;
import dev.sinkwatch.dashboard.monitor.Version;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line as a whole. */
@Command(
    name = "sinkwatch",
    description = "Catches networks that die in the homogeneity trap, live.",
    mixinStandardHelpOptions = true,
    versionProvider = Sinkwatch.Versions.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      MonitorCommand.class,
      PublishCommand.class,
      CheckCommand.class,
      ProfilesCommand.class,
      RejectedCommand.class,
      PasswordCommand.class
    })
public final class Sinkwatch implements Runnable {

  /** Fine. */
  static final int OK = 0;

  /** Usage or input error: one line on stderr. */
  static final int ERROR = 1;

  /** {@code --fail-on} matched. */
  static final int MATCHED = 2;

  /** Whoever read what it said is gone: as if SIGPIPE had ended it, which Java ignores. */
  static final int UNREAD = 128 + 13;

  private static final String COMMANDS =
      "demo, monitor, publish, check, profiles, rejected or password";

  @Spec private CommandSpec spec;

  Sinkwatch(CommandSpec spec) {
    this.spec = spec;
  }

  private Sinkwatch() {
    this(CommandSpec.create());
  }

  /**
   * Runs a command. What it says is UTF-8, wherever it runs: programs read it.
   *
   * @param stdout throws where it cannot be written, as {@link System#out} does not
   * @return the exit code
   */
  public static int run(OutputStream stdout, String... arguments) {
    Stdout said = new Stdout(stdout);
    PrintWriter out = new PrintWriter(said, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(out, err, arguments);
    out.flush();
    IOException failure = said.failure();
    if (failure == null) {
      return code;
    }
    if (Stdout.isFile()) {
      err.println("sinkwatch: stdout: " + line(failure));
      return ERROR;
    }
    return UNREAD;
  }

  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new Sinkwatch())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Sinkwatch::usageError)
        .setExecutionExceptionHandler(Sinkwatch::failure)
        .execute(arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say which command: " + COMMANDS);
  }

  private static int usageError(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String help = command.getCommandSpec().qualifiedName() + " --help";
    boolean noSuchCommand =
        command.getParent() == null
            && e instanceof UnmatchedArgumentException unmatched
            && !unmatched.isUnknownOption();
    String what =
        noSuchCommand
            ? "there is no command "
                + ((UnmatchedArgumentException) e).getUnmatched().getFirst()
                + "; there are "
                + COMMANDS
            : line(e);
    command.getErr().println("sinkwatch: " + Terminal.plain(what) + " (see " + help + ")");
    return ERROR;
  }

  private static int failure(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof CommandException || e instanceof IOException || e instanceof ConfigException) {
      command.getErr().println("sinkwatch: " + line(e));
      return ERROR;
    }
    throw e; // a defect of ours, not a mistake of the user's
  }

  private static String line(Exception e) {
    return Terminal.plain(e.getMessage() == null ? e.toString() : e.getMessage());
  }

  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"sinkwatch " + Version.TEXT};
    }
  }
}

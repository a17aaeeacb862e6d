package dev.sinkwatch.dashboard.command;

/**
 * What a command cannot do, most often a mistake of the user's; its message is one line for stderr.
 */
final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  CommandException(String message) {
    super(message);
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
  }
}

package dev.sinkwatch.dashboard.command;

/** What is known of where the process was started. */
final class Terminal {

  /** Set by the launcher when stdout and stderr are terminals, which Java cannot tell of stderr. */
  private static final String PROPERTY = "sinkwatch.terminal";

  /** The same of stdout alone. */
  private static final String STDOUT_PROPERTY = "sinkwatch.stdout.terminal";

  private static final int USUAL_WIDTH = 100;
  private static final int LEAST_WIDTH = 40;

  private Terminal() {}

  /** Whether a person sees what is written. */
  static boolean interactive() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** Characters of a line. */
  static int width() {
    String columns = System.getenv("COLUMNS");
    if (columns != null && columns.matches("\\d{1,5}")) {
      return Math.max(LEAST_WIDTH, Integer.parseInt(columns));
    }
    return USUAL_WIDTH;
  }

  /** Characters of a line of a table: of a file or a pipe nothing is cut off. */
  static int tableWidth() {
    return Boolean.getBoolean(STDOUT_PROPERTY) ? width() : Integer.MAX_VALUE;
  }

  /** In one line that steers no terminal: names and messages may come from files. */
  static String plain(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{C}", "?");
  }
}

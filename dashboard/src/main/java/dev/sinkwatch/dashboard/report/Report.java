package dev.sinkwatch.dashboard.report;

import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.io.PrintWriter;

/** Where {@code check} writes what it finds, as it finds it. For one thread. */
public interface Report {

  /** Said of a step without operators. */
  String NOT_OBSERVABLE =
      "not observable: no operator in these weights under this profile (--profile names another,"
          + " `sinkwatch profiles --explain` tells what each tensor is to it)";

  /** The formats that can be asked for. */
  enum Format {
    TABLE,
    JSON,
    CSV
  }

  /** A step begins. */
  default void step(String path, long step) {}

  void layer(LayerVerdict verdict);

  void chain(ChainVerdict verdict);

  /** All verdicts of the step have been told. */
  default void endOfStep() {}

  /** Whether what was told so far reached nobody, because the reader is gone. */
  boolean lost();

  /**
   * A report of that format.
   *
   * @param width characters that a line of the table may have
   * @param eps what is left of the detail when depth stops counting
   * @param several whether each line must say which file it is of
   */
  static Report of(Format format, PrintWriter out, int width, double eps, boolean several) {
    return switch (format) {
      case TABLE -> new TableReport(out, width, eps);
      case CSV -> new CsvReport(out, several);
      case JSON -> new JsonReport(out, several);
    };
  }
}

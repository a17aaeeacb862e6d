package dev.sinkwatch.dashboard.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/** What a command said, as a shell sees it. */
record Said(int code, List<String> out, List<String> err) {

  static Said by(String... arguments) {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    PrintStream oldOut = System.out;
    PrintStream oldErr = System.err;
    int code;
    try (PrintStream newOut = new PrintStream(stdout, true, UTF_8);
        PrintStream newErr = new PrintStream(stderr, true, UTF_8)) {
      System.setOut(newOut);
      System.setErr(newErr);
      code = Sinkwatch.run(System.out, arguments);
    } finally {
      System.setOut(oldOut);
      System.setErr(oldErr);
    }
    return new Said(
        code, stdout.toString(UTF_8).lines().toList(), stderr.toString(UTF_8).lines().toList());
  }
}

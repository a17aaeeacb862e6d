package dev.sinkwatch.dashboard;

import dev.sinkwatch.dashboard.command.Sinkwatch;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import org.slf4j.LoggerFactory;

/** Where the process begins. */
public final class Main {

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    int code = 1;
    try {
      code = Sinkwatch.run(new FileOutputStream(FileDescriptor.out), arguments);
    } catch (Throwable e) {
      // a defect, or no memory: what had begun would live on in threads of its own and do nothing
      LoggerFactory.getLogger(Main.class).error("please report this", e);
    } finally {
      System.exit(code);
    }
  }
}

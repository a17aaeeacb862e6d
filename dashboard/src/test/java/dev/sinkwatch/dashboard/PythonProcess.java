package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's Python, or another, in a process of its own with the sources of the package. */
final class PythonProcess implements AutoCloseable {
  static final Path DEBIANS = Path.of("/usr/bin/python3");

  /** Of the package: its sources, tests and examples. */
  static final Path HOME = Path.of("..", "ingest", "python").toAbsolutePath().normalize();

  private final List<String> command;
  private final Process process;
  private final File output;

  private PythonProcess(List<String> command, Process process, File output) {
    this.command = command;
    this.process = process;
    this.output = output;
  }

  /** Starts what follows the interpreter in the directory of the package. */
  static PythonProcess start(Path output, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(DEBIANS.toString()));
    command.addAll(List.of(arguments));
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("PYTHONPATH", HOME.resolve("src").toString());
    return start(HOME, output, variables, command);
  }

  static PythonProcess start(
      Path directory, Path output, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("SINKWATCH_"));
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().putAll(environment);
    return new PythonProcess(command, builder.start(), output.toFile());
  }

  /** What it said, once it has ended well. */
  String ended() throws IOException, InterruptedException {
    boolean ended = process.waitFor(10, TimeUnit.MINUTES);
    String said = Files.readString(output.toPath());
    assertThat(ended).as("%s ends: %s", command, said).isTrue();
    assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
    return said;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}

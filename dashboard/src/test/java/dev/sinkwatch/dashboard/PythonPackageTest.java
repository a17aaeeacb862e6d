package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python package passes its own tests, and can be installed where there is nothing else. */
class PythonPackageTest {
  @TempDir private Path directory;

  @Test
  void itsOwnTestsPass() throws Exception {
    String said =
        run("tests", "-m", "unittest", "discover", "--start-directory", "tests", "-t", ".");
    assertThat(said).contains("\nOK").doesNotContain("Ran 0 tests");
  }

  @Test
  void itsTypesAreSound() throws Exception {
    String cache = directory.resolve("mypy").toString();
    assertThat(run("types", "-m", "mypy", "--cache-dir", cache)).contains("no issues found");
  }

  @Test
  void theWheelWorksWhereThereIsNoTorch() throws Exception {
    // a build leaves files beside the sources
    Path sources = directory.resolve("sources");
    for (String part : List.of("pyproject.toml", "README.md", "src")) {
      copy(PythonProcess.HOME.resolve(part), sources.resolve(part));
    }
    String wheels = directory.resolve("wheels").toString();
    run(
        "wheel",
        "-m",
        "pip",
        "wheel",
        "--no-index",
        "--no-build-isolation",
        "--no-deps",
        "--wheel-dir",
        wheels,
        sources.toString());
    Path venv = directory.resolve("venv");
    run("venv", "-m", "venv", venv.toString());
    Path python = venv.resolve("bin").resolve("python");
    inside(python, "-m", "pip", "install", "--no-index", "--find-links", wheels, "sinkwatch");
    assertThat(inside(python, "-m", "sinkwatch", "--help")).contains("publish");
    assertThat(inside(python, "-m", "sinkwatch", "--version")).isEqualTo("sinkwatch 0.1.0\n");
    assertThat(
            inside(
                python,
                "-c",
                "import importlib.util as u, os, sinkwatch; print(u.find_spec('torch'), "
                    + "os.path.exists(os.path.join(os.path.dirname(sinkwatch.__file__), 'py.typed')))"))
        .isEqualTo("None True\n");
  }

  private String run(String name, String... arguments) throws Exception {
    try (PythonProcess python =
        PythonProcess.start(directory.resolve(name + ".txt"), Map.of(), arguments)) {
      return python.ended();
    }
  }

  private String inside(Path python, String... arguments) throws Exception {
    List<String> command =
        Stream.concat(Stream.of(python.toString(), "-I"), Stream.of(arguments)).toList();
    try (PythonProcess process =
        PythonProcess.start(directory, directory.resolve("inside.txt"), Map.of(), command)) {
      return process.ended();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
  }
}

package dev.sinkwatch.dashboard.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/** A file of YAML 1.2 as maps, lists and plain values; never as other classes. */
public final class YamlFile {

  /** What plain values are. */
  public enum Scalars {
    /** Numbers, flags and text, as they look. */
    TYPED,
    /** All of them text. */
    TEXT
  }

  private YamlFile() {}

  /**
   * Reads all of it; null when it is empty.
   *
   * @throws ConfigException with one line that shows nothing of what the file holds
   */
  public static @Nullable Object read(Path file, Scalars scalars) throws ConfigException {
    try (InputStream in = Files.newInputStream(file)) {
      return new Load(
              LoadSettings.builder()
                  .setLabel(file.toString())
                  .setSchema(scalars == Scalars.TEXT ? new FailsafeSchema() : new JsonSchema())
                  .build())
          .loadFromInputStream(in);
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such file");
    } catch (AccessDeniedException e) {
      throw new ConfigException(file + ": permission denied");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read: " + e.getMessage());
    } catch (YamlEngineException e) {
      throw new ConfigException(file + ": " + problem(e));
    } catch (StackOverflowError e) {
      throw new ConfigException(file + ": not YAML that is meant: it nests too deep");
    }
  }

  /** Where and what, never the line itself: it may hold a password. */
  private static String problem(YamlEngineException e) {
    return switch (e) {
      case MarkedYamlEngineException marked -> {
        String where =
            marked.getProblemMark().map(mark -> ", line " + (mark.getLine() + 1)).orElse("");
        yield "not YAML" + where + ": " + marked.getProblem().lines().findFirst().orElse("");
      }
      case ReaderException unprintable -> "not YAML: it has control characters";
      default ->
          e.getCause() instanceof IOException cause && !(cause instanceof CharacterCodingException)
              ? "cannot be read: " + cause.getMessage()
              : "not YAML: it is not UTF-8";
    };
  }
}

package dev.sinkwatch.ingest.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A {@code *.safetensors.index.json}: which tensor lies in which file beside it. */
final class SafetensorsIndex {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final Path path;
  private final NavigableMap<String, Set<String>> tensors = new TreeMap<>(Folder.NATURAL);

  private SafetensorsIndex(Path path) {
    this.path = path;
  }

  /**
   * Names of tensors by file, relative to the index's directory; files in their natural order.
   *
   * @throws CheckpointException if it is no such index, or points out of its directory
   */
  static Map<Path, Set<String>> read(Path index) throws CheckpointException {
    try (InputStream in = Files.newInputStream(index)) {
      return read(index, in);
    } catch (IOException e) {
      throw CheckpointException.of(index, e);
    }
  }

  static Map<Path, Set<String>> read(Path index, InputStream in) throws CheckpointException {
    SafetensorsIndex reading = new SafetensorsIndex(index);
    try (JsonParser parser = JSON.createParser(in)) {
      reading.document(parser);
      if (reading.tensors.isEmpty()) {
        throw new CheckpointException(index, "the index has no weight_map, or an empty one");
      }
      Map<Path, Set<String>> files = new java.util.LinkedHashMap<>();
      for (Map.Entry<String, Set<String>> file : reading.tensors.entrySet()) {
        files.put(reading.inside(file.getKey()), file.getValue());
      }
      return files;
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          index, "the index is not valid JSON from its line " + e.getLocation().getLineNr());
    } catch (IOException e) {
      throw CheckpointException.of(index, e);
    }
  }

  private void document(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new CheckpointException(path, "the index is not a JSON object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (!key.equals("weight_map")) {
        parser.skipChildren();
        continue;
      }
      if (value != JsonToken.START_OBJECT) {
        throw new CheckpointException(path, "the index's weight_map is not an object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String tensor = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw new CheckpointException(path, "the index's weight_map names a file by no string");
        }
        tensors.computeIfAbsent(parser.getText(), file -> new TreeSet<>()).add(tensor);
      }
    }
  }

  private Path inside(String file) throws CheckpointException {
    try {
      Path relative = Path.of(file);
      boolean climbs = relative.isAbsolute() || file.indexOf('\\') >= 0;
      for (Path part : relative) {
        climbs |= part.toString().equals("..");
      }
      // . is the directory itself
      if (!climbs && !relative.normalize().toString().isEmpty()) {
        return path.resolveSibling(relative).normalize();
      }
    } catch (InvalidPathException e) {
      // as good as one that points elsewhere
    }
    throw new CheckpointException(path, "the index names a file outside of its own directory");
  }
}

package dev.sinkwatch.ingest.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the tensors of a file that PyTorch's distributed checkpoint wrote lie in the whole ones:
 * {@code {"<tensor>": {"saved_offsets": [o0, o1, ...]}}}, a string in the file's metadata.
 */
record ShardingInfo(Map<String, List<Long>> offsets) {
  static final String KEY = "DCP_SHARDING_INFO";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  ShardingInfo {
    offsets = Map.copyOf(offsets);
  }

  static ShardingInfo read(Path file, String text) throws CheckpointException {
    Map<String, List<Long>> offsets = new HashMap<>();
    try (JsonParser parser = JSON.createParser(text)) {
      expect(parser, JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String tensor = parser.currentName();
        expect(parser, JsonToken.START_OBJECT);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          boolean wanted = parser.currentName().equals("saved_offsets");
          parser.nextToken();
          if (wanted) {
            offsets.put(tensor, numbers(parser));
          } else {
            parser.skipChildren();
          }
        }
      }
      return new ShardingInfo(offsets);
    } catch (IOException e) {
      throw new CheckpointException(file, "its " + KEY + " cannot be read");
    }
  }

  /** Where a tensor of so many dimensions begins; at 0 when nothing is said of it. */
  List<Long> of(String tensor, int rank) {
    List<Long> said = offsets.get(tensor);
    return said != null ? said : java.util.Collections.nCopies(rank, 0L);
  }

  private static List<Long> numbers(JsonParser parser) throws IOException {
    List<Long> numbers = new ArrayList<>();
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new IOException("no array");
    }
    while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      if (parser.getLongValue() < 0) {
        throw new IOException("negative");
      }
      numbers.add(parser.getLongValue());
    }
    if (parser.currentToken() != JsonToken.END_ARRAY) {
      throw new IOException("no number");
    }
    return numbers;
  }

  private static void expect(JsonParser parser, JsonToken token) throws IOException {
    if (parser.nextToken() != token) {
      throw new IOException("not as expected");
    }
  }
}

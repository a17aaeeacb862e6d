package dev.sinkwatch.ingest.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one header's JSON in one pass. What it finds wrong with the content waits until the end, so
 * that malformed JSON anywhere is told before malformed content; only a record that says more than
 * its carrier allows is refused on the spot.
 */
final class HeaderParser {
  private static final String METADATA = "__metadata__";
  private static final int MAX_DEPTH = 16;

  /** What each key and value costs beyond its characters. */
  private static final int ITEM = 32;

  private static final JsonFactory RECORD = json(Carrier.RECORD.headerContent());
  private static final JsonFactory BODY = json(Carrier.BODY.headerContent());
  private static final JsonFactory FILE = json(Carrier.FILE.headerContent());

  private final HeaderText text;
  private final JsonParser parser;
  private final Carrier carrier;
  private final Map<String, String> metadata = new HashMap<>();
  private final List<Layout.Claim> claims = new ArrayList<>();
  private @Nullable RejectedException refusal;
  private int tensors;
  private long content;

  private HeaderParser(HeaderText text, JsonParser parser, Carrier carrier) {
    this.text = text;
    this.parser = parser;
    this.carrier = carrier;
  }

  /** Names are the sender's: not interned. */
  private static JsonFactory json(int longest) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(longest)
                .maxNameLength(longest)
                .maxNumberLength(longest)
                .build())
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .build();
  }

  private static JsonFactory json(Carrier carrier) {
    return switch (carrier) {
      case RECORD -> RECORD;
      case BODY -> BODY;
      case FILE -> FILE;
    };
  }

  static SafetensorsHeader parse(ByteBuffer json, Carrier carrier, OptionalLong dataBytes)
      throws RejectedException {
    HeaderText text = new HeaderText(json, carrier.headerContent());
    try (JsonParser parser = json(carrier).createParser(text)) {
      HeaderParser reading = new HeaderParser(text, parser, carrier);
      reading.document();
      List<TensorEntry> tensors = new Layout(reading.claims, carrier).entries(dataBytes);
      return new SafetensorsHeader(reading.metadata, tensors);
    } catch (RejectedException e) {
      throw e;
    } catch (IOException e) {
      throw new RejectedException(Reason.HEADER_NOT_JSON, "the header is not JSON");
    }
  }

  private void document() throws IOException {
    try {
      parser.nextToken();
      Set<String> names = new HashSet<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = unique(names);
        JsonToken value = parser.nextToken();
        if (name.equals(METADATA)) {
          metadata(value);
        } else {
          tensor(name, value);
        }
      }
      if (parser.nextToken() != null) {
        throw new RejectedException(
            Reason.HEADER_NOT_JSON, "the header goes on behind its JSON object");
      }
    } catch (StreamConstraintsException e) {
      if (parser.getParsingContext().getNestingDepth() > MAX_DEPTH) {
        refuse(Reason.HEADER_TOO_DEEP, "the header nests deeper than " + MAX_DEPTH + " levels");
      } else {
        tooMuch();
      }
    } catch (JsonProcessingException e) {
      throw new RejectedException(
          Reason.HEADER_NOT_JSON,
          text.abridged() || e.getLocation() == null
              ? "the header is not JSON"
              : "the header is not JSON from its character "
                  + Math.max(0, e.getLocation().getCharOffset()));
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  private void metadata(JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      refuse(Reason.METADATA_NOT_STRINGS, "__metadata__ is not an object");
      skip(value);
      return;
    }
    Set<String> keys = new HashSet<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = unique(keys);
      JsonToken entry = parser.nextToken();
      if (entry == JsonToken.VALUE_STRING) {
        if (meant(key)) {
          metadata.put(key, text());
        }
      } else {
        refuse(Reason.METADATA_NOT_STRINGS, "a value of __metadata__ is not a string");
        skip(entry);
      }
    }
  }

  private void tensor(String name, JsonToken value) throws IOException {
    take(0);
    tensors++;
    if (value != JsonToken.START_OBJECT) {
      malformed("is not described by an object");
      skip(value);
      return;
    }
    String dtype = null;
    List<String> shape = null;
    List<String> offsets = null;
    Set<String> keys = new HashSet<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = unique(keys);
      JsonToken field = parser.nextToken();
      switch (key) {
        case "dtype" -> {
          if (field == JsonToken.VALUE_STRING) {
            dtype = text();
          } else {
            skip(field);
          }
        }
        case "shape" -> shape = integers(field);
        case "data_offsets" -> offsets = integers(field);
        default -> skip(field);
      }
    }
    if (dtype == null) {
      malformed("has no dtype that is a string");
    } else if (shape == null) {
      malformed("has no shape that is an array of integers from 0");
    } else if (offsets == null || offsets.size() != 2) {
      malformed("has no data_offsets that are two integers from 0");
    } else {
      claims.add(new Layout.Claim(name, dtype, shape, offsets.get(0), offsets.get(1)));
    }
  }

  /** The digits of an array's numbers, which may be of any size; null unless all are integers. */
  private @Nullable List<String> integers(JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      skip(value);
      return null;
    }
    List<String> digits = new ArrayList<>();
    boolean valid = true;
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      if (t == JsonToken.VALUE_NUMBER_INT) {
        String number = text();
        valid &= number.charAt(0) != '-';
        digits.add(number);
      } else {
        valid = false;
        skip(t);
      }
    }
    return valid ? digits : null;
  }

  /** Reads a value that means nothing here; even there a key must not be repeated. */
  private void skip(JsonToken value) throws IOException {
    take(0);
    if (value == JsonToken.START_OBJECT) {
      Set<String> keys = new HashSet<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        unique(keys);
        skip(parser.nextToken());
      }
    } else if (value == JsonToken.START_ARRAY) {
      for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
        skip(t);
      }
    }
  }

  private String unique(Set<String> keys) throws IOException {
    String key = parser.currentName();
    take(key.length());
    if (!keys.add(key)) {
      refuse(Reason.DUPLICATE_KEY, "a key stands twice in one object of the header");
    }
    return key;
  }

  private String text() throws IOException {
    String text = parser.getText();
    take(text.length());
    return text;
  }

  /** Whether a field of the metadata is kept: only ours, but for a file's. */
  private boolean meant(String key) {
    return carrier == Carrier.FILE || key.startsWith(Keys.PREFIX);
  }

  /** Accounts for one thing that is kept until the end. */
  private void take(int characters) throws RejectedException {
    content += ITEM + characters;
    if (content > carrier.headerContent()) {
      tooMuch();
      throw Objects.requireNonNull(refusal);
    }
  }

  /** The rest is not even looked at, so that a refused record costs little. */
  private void tooMuch() {
    if (carrier != Carrier.RECORD) {
      refuse(
          Reason.HEADER_TOO_RICH,
          "the header has more keys and values than a " + carrier.noun() + " may have");
    } else if (tensors > 1) {
      refuse(Reason.SEVERAL_TENSORS, "the record holds more than one tensor");
    } else {
      refuse(
          Reason.HEADER_TOO_RICH,
          "the header says more than one tensor and its metadata can need, at most "
              + carrier.headerContent() / ITEM
              + " keys");
    }
  }

  private void malformed(String detail) {
    if (refusal == null || refusal.rejection().reason() != Reason.TENSOR_MALFORMED) {
      refuse(Reason.TENSOR_MALFORMED, "tensor " + tensors + " of the header " + detail);
    }
  }

  /** Keeps the reason that is checked first. */
  private void refuse(Reason reason, String detail) {
    if (refusal == null || reason.compareTo(refusal.rejection().reason()) < 0) {
      refusal = new RejectedException(reason, detail);
    }
  }
}

package dev.sinkwatch.ingest.safetensors;

import static dev.sinkwatch.ingest.safetensors.MalformedRecords.ENTRY;
import static dev.sinkwatch.ingest.safetensors.MalformedRecords.META;
import static dev.sinkwatch.ingest.safetensors.MalformedRecords.TENSOR;

import dev.sinkwatch.ingest.Reason;
import java.util.ArrayList;
import java.util.List;

/** Records of {@link MalformedRecords} that are documents, but not of a layer of a run. */
final class MalformedMetadata {
  private final List<MalformedRecords.Malformed> records = new ArrayList<>();

  private MalformedMetadata() {
    identity();
    rows();
    hints();
  }

  static List<MalformedRecords.Malformed> all() {
    return new MalformedMetadata().records;
  }

  private void identity() {
    header("{" + TENSOR + "}", 16, Reason.RUN_MISSING, "no metadata");
    meta("'sinkwatch.step':'1'", Reason.RUN_MISSING, "no run");
    for (String run :
        List.of("", ".r", "-r", "r/1", "r 1", "r\\n", "r\\u0000", "\u00e9", "r".repeat(129))) {
      meta(
          "'sinkwatch.run':'" + run + "','sinkwatch.step':'1'",
          Reason.RUN_INVALID,
          "run " + run.substring(0, Math.min(10, run.length())));
    }
    for (String layer :
        List.of(
            "",
            "w\\n",
            "w\\u0000",
            "w\\u007f",
            "w\\u0085",
            "\\ud800",
            "\\udc00w",
            "w".repeat(257))) {
      header(
          "{'__metadata__':{" + META + "},'" + layer + "':{" + ENTRY + "}}",
          16,
          Reason.LAYER_INVALID,
          "layer " + layer.substring(0, Math.min(10, layer.length())));
    }
    meta("'sinkwatch.run':'r'", Reason.STEP_MISSING, "no step");
    for (String step :
        List.of(
            "", "-1", "+1", "1.0", "1e3", " 1", "x", "\u0661", "9".repeat(19), "0".repeat(40))) {
      meta(
          "'sinkwatch.run':'r','sinkwatch.step':'" + step + "'",
          Reason.STEP_INVALID,
          "step " + step);
    }
    for (String attempt : List.of("", "-1", "2147483648", "one")) {
      meta(
          META + ",'sinkwatch.attempt':'" + attempt + "'",
          Reason.ATTEMPT_INVALID,
          "attempt " + attempt);
    }
  }

  private void rows() {
    meta(META + ",'sinkwatch.rows':'0:2'", Reason.ROWS_WITHOUT_SHAPE, "rows alone");
    meta(META + ",'sinkwatch.shape':'2,2'", Reason.ROWS_WITHOUT_SHAPE, "shape alone");
    for (String rows :
        List.of("", "0", "0:", ":2", "0-2", "2:0", "2:2", "-1:1", "0:2:4", "3:5", "0x0:2")) {
      part(rows, "4,2", Reason.ROWS_INVALID);
    }
    for (String shape :
        List.of(
            "",
            "4,",
            ",2",
            "4,0",
            "0,2",
            "4,-2",
            "4 2",
            "4x2",
            "[4,2]",
            "4,2.0",
            "2" + ",1".repeat(64),
            "999999999999999999,999999999999999999",
            "4,576460752303423488")) {
      part("0:2", shape, Reason.SHAPE_INVALID);
    }
    part("0:3", "4,2", Reason.ROWS_NOT_TENSOR);
    part("0:1", "4,2", Reason.ROWS_NOT_TENSOR);
    part("0:2", "4,3", Reason.ROWS_NOT_TENSOR);
    part("0:1", "4", Reason.ROWS_NOT_TENSOR);
  }

  private void hints() {
    for (String kind : List.of("", "DENSE", "doubly_stochastic")) {
      hint("kind", kind, Reason.KIND_INVALID);
    }
    hint("observability", "seen", Reason.OBSERVABILITY_INVALID);
    for (String index : List.of("-1", "1.5", "2147483648", "")) {
      hint("index", index, Reason.INDEX_INVALID);
    }
    for (String operators : List.of("0", "-1", "many", "2147483648")) {
      hint("operators", operators, Reason.OPERATORS_INVALID);
    }
    hint("activation", "bf16", Reason.ACTIVATION_INVALID);
    for (String rate : List.of("", "-1e-4", "NaN", "Infinity", "1e999", "3e-4 ", "0x1p-4", "1d")) {
      hint("learning-rate", rate, Reason.LEARNING_RATE_INVALID);
      hint("weight-decay", rate, Reason.WEIGHT_DECAY_INVALID);
    }
  }

  private void hint(String key, String value, Reason expected) {
    meta(META + ",'sinkwatch." + key + "':'" + value + "'", expected, key + " " + value);
  }

  private void part(String rows, String shape, Reason expected) {
    meta(
        META + ",'sinkwatch.rows':'" + rows + "','sinkwatch.shape':'" + shape + "'",
        expected,
        "rows " + rows + " of " + shape);
  }

  private void meta(String metadata, Reason expected, String name) {
    header("{'__metadata__':{" + metadata + "}," + TENSOR + "}", 16, expected, name);
  }

  private void header(String header, int dataBytes, Reason expected, String name) {
    byte[] value = MalformedRecords.document(header, dataBytes);
    records.add(new MalformedRecords.Malformed(name, value, expected));
  }
}

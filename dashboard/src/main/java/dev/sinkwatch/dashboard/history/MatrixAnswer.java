package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What there is for whoever asks for a matrix. */
public sealed interface MatrixAnswer {

  /** One operator with its sums and singular values. */
  record Found(ObjectNode json) implements MatrixAnswer {}

  /**
   * There is none.
   *
   * @param line why
   */
  record Unknown(String line) implements MatrixAnswer {}

  /**
   * It has fewer operators.
   *
   * @param batch how many
   */
  record OutOfBatch(int batch) implements MatrixAnswer {}

  /**
   * @param index of the operator in its batch; null: the one with the largest sigma2
   */
  static MatrixAnswer of(RunMatrices.Answer kept, @Nullable Integer index) {
    return switch (kept) {
      case RunMatrices.Answer.None(String line) -> new Unknown(line);
      case RunMatrices.Answer.Some(LayerVerdict verdict, double[] values) -> {
        BatchSpread spread = verdict.sigma2Batch();
        int liveliest = spread == null ? 0 : spread.argmax();
        int which = index == null ? liveliest : index;
        yield which < verdict.batch()
            ? new Found(json(verdict, values, which))
            : new OutOfBatch(verdict.batch());
      }
    };
  }

  private static ObjectNode json(LayerVerdict verdict, double[] batch, int index) {
    int n = verdict.n();
    double[] matrix = Arrays.copyOfRange(batch, index * n * n, (index + 1) * n * n);
    double[] rowSums = new double[n];
    double[] columnSums = new double[n];
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", verdict.id().run());
    json.put("layer", verdict.id().layer());
    json.put("attempt", verdict.id().attempt());
    json.put("step", verdict.id().step());
    json.put("n", n);
    json.put("batch", verdict.batch());
    json.put("index", index);
    ArrayNode rows = json.putArray("rows");
    for (int i = 0; i < n; i++) {
      ArrayNode row = rows.addArray();
      for (int j = 0; j < n; j++) {
        double value = matrix[i * n + j];
        row.add(value);
        rowSums[i] += value;
        columnSums[j] += value;
      }
    }
    put(json.putArray("rowSums"), rowSums);
    put(json.putArray("columnSums"), columnSums);
    put(json.putArray("singularValues"), Jacobi.singularValues(matrix, n, n));
    return json;
  }

  private static void put(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(value);
    }
  }
}

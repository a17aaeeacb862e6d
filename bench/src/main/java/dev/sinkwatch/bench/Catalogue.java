package dev.sinkwatch.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** What can be timed, by the name that the comparison calls it. */
final class Catalogue {

  private Catalogue() {}

  /** The work that a request describes, its data loaded. */
  static Work work(JsonNode request) throws IOException {
    int threads = request.path("threads").asInt(2);
    Team team = new Team(threads);
    Passes passes = new Passes(team);
    String name = request.path("work").asText();
    return switch (name) {
      case "bandwidth" -> new ReadBandwidth(request.path("elements").asInt(), team);
      case "sums" -> passes.sums(matrix(request));
      case "fused", "first" -> {
        RawMatrix a = matrix(request);
        float[] v = floats(path(request, "v"));
        int k = v.length / a.columns();
        boolean half = request.path("half").asBoolean(false);
        yield name.equals("fused") ? passes.fused(a, v, k, half) : passes.first(a, v, k);
      }
      case "sinkhorn" ->
          new SinkhornIterations(matrix(request), request.path("iterations").asInt(), team);
      case "verdict" -> {
        RawMatrix p = matrix(request);
        int most = request.path("passes").asInt(0);
        boolean remembers = request.path("remembers").asBoolean(false);
        yield new Verdicts(p, Shape.of(p.rows(), p.columns()), null, most, remembers, threads);
      }
      case "mixers" -> {
        RawMatrix logits = matrix(request);
        int n = logits.columns();
        Shape shape = Shape.of(logits.rows() / n, n, n);
        yield new Verdicts(logits, shape, Kind.SINKHORN_LOGITS, 0, false, threads);
      }
      default -> throw new IllegalArgumentException("there is no work " + name);
    };
  }

  private static RawMatrix matrix(JsonNode request) throws IOException {
    Dtype dtype = Dtype.named(request.path("dtype").asText("F32")).orElseThrow();
    int columns = request.path("columns").asInt();
    int rows = request.path("rows").asInt(columns);
    Path file = path(request, "file");
    return request.path("mapped").asBoolean(false)
        ? RawMatrix.map(file, dtype, rows, columns)
        : RawMatrix.read(file, dtype, rows, columns);
  }

  private static float[] floats(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static Path path(JsonNode request, String key) {
    return Path.of(request.path(key).asText());
  }
}

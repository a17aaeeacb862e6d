package dev.sinkwatch.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.analyzer.layer.AnalysisResources;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistories;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Whole verdicts, by the way that a snapshot goes in the service. A request tells the step, which
 * the random draws follow from, and perhaps another file with that step's values.
 */
final class Verdicts implements Work {
  private static final byte[] SECRET = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

  /** As configured by default, in bytes. */
  private static final long MAX_BUFFER = 512 << 20;

  private final LayerAnalysis analysis;
  private final Shape shape;
  private final Hints hints;
  private final boolean remembers;
  private final LayerHistories histories;
  private int attempt;
  private RawSnapshot snapshot;

  /**
   * @param kind of the layer; null to have it recognised
   * @param remembers whether a snapshot finds what the one before it left behind, back to step 0
   * @param threads that share a large matrix
   */
  Verdicts(
      RawMatrix values,
      Shape shape,
      @org.jspecify.annotations.Nullable Kind kind,
      int maxPasses,
      boolean remembers,
      int threads) {
    AnalysisSettings usual = AnalysisSettings.DEFAULT;
    this.analysis =
        new LayerAnalysis(
            new AnalysisSettings(
                Profiles.named(Profiles.GENERIC).orElseThrow(),
                usual.eps(),
                usual.tolerance(),
                usual.failureProbability(),
                maxPasses),
            SECRET,
            AnalysisResources.ofLanes(
                threads, Math.max(MAX_BUFFER, values.data().byteSize()), 1, 0));
    this.histories = analysis.histories();
    this.shape = shape;
    this.hints = new Hints(kind, null, null, null, null);
    this.remembers = remembers;
    this.snapshot = new RawSnapshot(values, shape, hints, attempt, 0);
  }

  @Override
  public void ready(JsonNode request) throws IOException {
    RawMatrix values = snapshot.values();
    if (request.has("file")) {
      Path file = Path.of(request.get("file").asText());
      values =
          RawMatrix.read(file, values.dtype(), Math.toIntExact(values.rows()), values.columns());
    }
    long step = request.path("step").asLong();
    attempt += step == 0 ? 1 : 0;
    snapshot = new RawSnapshot(values, shape, hints, attempt, step);
  }

  @Override
  public Map<String, Double> run() throws IOException {
    LayerHistory history = remembers ? histories.of(snapshot) : LayerHistory.ofOneSnapshot();
    LayerVerdict verdict = analysis.judge(snapshot, history);
    Map<String, Double> found = new HashMap<>();
    for (Figure figure : Figure.values()) {
      found.put(figure.key(), verdict.get(figure));
    }
    found.put("passes", (double) verdict.passes());
    BatchSpread spread = verdict.sigma2Batch();
    if (spread != null) {
      found.put("sigma2Min", spread.min());
      found.put("sigma2Median", spread.median());
    }
    return found;
  }
}

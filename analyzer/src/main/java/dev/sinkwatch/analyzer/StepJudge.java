package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.alarm.ChainAlarms;
import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.layer.SiteParts;
import dev.sinkwatch.analyzer.network.ChainAnalysis;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.network.StepCollector;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges the snapshots of one step on their own: no history, so no warm-up, no baseline and no
 * consecutive counts. Immutable; safe for use by several threads.
 */
public final class StepJudge {
  private final LayerAnalysis analysis;
  private final ChainAnalysis chainAnalysis;
  private final ChainAlarms chainAlarms;

  public StepJudge(LayerAnalysis analysis, double eps, NoiseModel noise) {
    this.analysis = analysis;
    this.chainAnalysis = new ChainAnalysis(eps, noise);
    this.chainAlarms = new ChainAlarms(eps);
  }

  /** The verdict on one layer, of kind {@code ignore} when it is not analysed. */
  public LayerVerdict layer(Snapshot snapshot) throws IOException {
    return layer(snapshot, new SiteParts());
  }

  /**
   * Takes from a tensor of the step what it contributes to other layers' operators.
   *
   * @param parts of the step
   * @return whether it contributes to any
   */
  public boolean contribute(Snapshot snapshot, SiteParts parts) throws IOException {
    return analysis.contribute(snapshot, parts);
  }

  /**
   * The same, of operators that may be made of several tensors.
   *
   * @param parts what the step's other tensors contribute
   */
  public LayerVerdict layer(Snapshot snapshot, SiteParts parts) throws IOException {
    LayerVerdict verdict = analysis.judge(snapshot, LayerHistory.ofOneSnapshot(), parts);
    return verdict.withAlarms(LayerAlarms.holding(verdict));
  }

  /** The verdicts on the step's chains, smallest n first. */
  public List<ChainVerdict> chains(List<LayerVerdict> layers) {
    List<LayerVerdict> links = layers.stream().filter(LayerVerdict::link).toList();
    Map<String, Integer> missing = new LinkedHashMap<>();
    for (LayerVerdict layer : layers) {
      if (layer.kind().operator() && !layer.link()) {
        missing.put(layer.id().layer(), layer.n());
      }
    }
    return RunAnalysis.chains(new StepCollector.Step(links, missing), chainAnalysis).stream()
        .map(chain -> chain.withAlarms(chainAlarms.holding(chain)))
        .toList();
  }
}

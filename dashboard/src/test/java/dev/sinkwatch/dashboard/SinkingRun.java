package dev.sinkwatch.dashboard;

import dev.sinkwatch.analyzer.RunAnalysis;
import dev.sinkwatch.analyzer.RunEvent;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdictBuilder;
import dev.sinkwatch.dashboard.runs.RunListener;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;

/**
 * A run whose mixers (1 - g) J + g I sink towards the uniform matrix, judged as the monitor judges:
 * chains and alarms are computed from the layers' verdicts.
 */
public final class SinkingRun {
  private final String run;
  private final int n;
  private final int operators;
  private final List<RunListener> listeners;
  private final RunAnalysis analysis;
  private final long startMillis;
  private int attempt;

  public SinkingRun(String run, int n, int operators, long startMillis, RunListener... listeners) {
    this.run = run;
    this.n = n;
    this.operators = operators;
    this.startMillis = startMillis;
    this.listeners = List.of(listeners);
    this.analysis = new RunAnalysis(run, RunSettings.DEFAULT);
  }

  /** The training job starts again. */
  public void restart() {
    attempt++;
  }

  /** All operators of one step, the deeper ones with a little less of that gain. */
  public void step(long step, double gain) {
    for (int i = 0; i < operators; i++) {
      double own = gain * (1 - 0.4 * i / operators);
      accept(mixer(layer(i), i, step, own));
    }
  }

  /** Lets time pass beyond every timeout. */
  public void silence(long nowMillis) {
    analysis.tick(nowMillis, this::tell);
  }

  public void accept(LayerVerdict verdict) {
    analysis.accept(verdict, verdict.appendedMillis(), this::tell);
  }

  public String layer(int index) {
    return "transformer.h." + index + (index % 2 == 0 ? ".attn" : ".mlp") + ".H_res_logits";
  }

  public LayerVerdict mixer(String layer, int index, long step, double gain) {
    double diagonal = (1 - gain) / n + gain;
    double other = (1 - gain) / n;
    double[] matrix = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      matrix[i] = i % (n + 1) == 0 ? diagonal : other;
    }
    double square = n * (diagonal * diagonal + (n - 1) * other * other);
    Figures figures =
        new Figures.Builder()
            .set(Figure.DETAIL_GAIN, gain)
            .set(Figure.DETAIL_GAIN_LOWER, gain)
            .set(Figure.DETAIL_GAIN_UPPER, gain)
            .set(Figure.SIGMA1, 1)
            .set(Figure.SIGMA2, gain)
            .set(Figure.SIGMA2_LOWER, gain)
            .set(Figure.SIGMA2_UPPER, gain)
            .set(Figure.ROW_RESIDUAL, 0)
            .set(Figure.COLUMN_RESIDUAL, 2.4e-7)
            .set(Figure.LEAK_TO_DETAIL, 0)
            .set(Figure.LEAK_TO_MEAN, 0)
            .set(Figure.MEAN_GAIN, 1)
            .set(Figure.ENTROPY, entropy(diagonal, other))
            .set(Figure.IDENTITY_DISTANCE, (1 - gain) * Math.sqrt((n - 1.0) / n))
            .set(Figure.PERMUTATION_DISTANCE, 1 - square / n)
            .set(Figure.EFFECTIVE_DEPTH, gain < 1 ? Math.log(0.01) / Math.log(gain) : 1 / 0.0)
            .build();
    return new LayerVerdictBuilder(
            new SnapshotId(run, attempt, layer, step), Kind.SINKHORN_LOGITS, Shape.of(n, n))
        .profile("tokenbender")
        .operator(n, 1, List.of(index, 0))
        .figures(figures)
        .matrix(matrix)
        .operators(operators)
        .appendedMillis(startMillis + step)
        .build();
  }

  public LayerVerdict dense(String layer, long step, double sigma1, double sigma2) {
    Figures figures =
        new Figures.Builder()
            .set(Figure.SIGMA1, sigma1)
            .set(Figure.SIGMA2, sigma2)
            .set(Figure.FROBENIUS, Math.hypot(sigma1, sigma2))
            .set(Figure.STABLE_RANK, 1 + sigma2 * sigma2 / (sigma1 * sigma1))
            .build();
    return new LayerVerdictBuilder(
            new SnapshotId(run, attempt, layer, step), Kind.DENSE, Shape.of(2, 768))
        .figures(figures)
        .appendedMillis(startMillis + step)
        .build();
  }

  private double entropy(double diagonal, double other) {
    double sum = -diagonal * Math.log(diagonal);
    return (sum - (other > 0 ? (n - 1) * other * Math.log(other) : 0)) / Math.log(n);
  }

  private void tell(RunEvent event) {
    for (RunListener listener : listeners) {
      switch (event) {
        case RunEvent.LayerJudged(var verdict) -> listener.layer(verdict);
        case RunEvent.ChainJudged(var verdict) -> listener.chain(verdict);
        case RunEvent.AlarmChanged(var alarm) -> listener.alarm(alarm);
        case RunEvent.ToRemember(var state) -> {}

        case RunEvent.PassedBy passed -> {}
      }
    }
  }
}

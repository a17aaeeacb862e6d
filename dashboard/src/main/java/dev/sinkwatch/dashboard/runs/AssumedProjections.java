package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log, once a run, that its logits are judged by a projection that nobody vouches for.
 * For one thread.
 */
public final class AssumedProjections implements RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(AssumedProjections.class);

  private final Consumer<String> lines;
  private final Set<String> told = new HashSet<>();

  public AssumedProjections() {
    this(LOG::warn);
  }

  AssumedProjections(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public void layer(LayerVerdict verdict) {
    if (verdict.projectionAssumed() && told.add(verdict.id().run())) {
      lines.accept(
          ("run %s: no profile has a rule for the logits of %s; they are made doubly stochastic by the usual softmax of rows,"
                  + " 20 iterations, epsilon 1e-6, temperature 1, and alarms on that are info (docs/profiles.md)")
              .formatted(verdict.id().run(), verdict.id().layer()));
    }
  }

  @Override
  public void chain(ChainVerdict verdict) {}

  @Override
  public void alarm(Alarm alarm) {}

  @Override
  public void forgotten(String run) {
    told.remove(run);
  }
}

package dev.sinkwatch.dashboard.metrics;

import java.util.Map;

/** One line for each metric of ours, as the scrape's {@code # HELP}; by Micrometer's name. */
final class Help {
  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("sinkwatch.sigma2.ratio", "Second largest singular value of the operator"),
          Map.entry("sinkwatch.sigma2.lower.ratio", "Certain lower bound of sigma2"),
          Map.entry("sinkwatch.sigma2.upper.ratio", "Upper bound of sigma2, true but for 1e-9"),
          Map.entry(
              "sinkwatch.detail.gain.ratio",
              "What one layer keeps of the differences between its streams, ||QPQ||"),
          Map.entry(
              "sinkwatch.effective.depth.layers", "Layers until detail falls to eps; may be +Inf"),
          Map.entry("sinkwatch.sinkhorn.residual.ratio", "Largest |sum - 1| over rows or columns"),
          Map.entry("sinkwatch.entropy.ratio", "Mean row entropy over ln n; 1 is uniform"),
          Map.entry("sinkwatch.identity.distance.ratio", "||P - I||_F / sqrt(n)"),
          Map.entry("sinkwatch.layer.step", "Step of the layer's last verdict"),
          Map.entry("sinkwatch.layer.info", "What the layer is, as labels"),
          Map.entry("sinkwatch.dense.sigma1", "Largest singular value of an ordinary weight"),
          Map.entry("sinkwatch.dense.sigma2", "Its second largest singular value"),
          Map.entry("sinkwatch.dense.stable.rank", "||A||_F^2 / sigma1^2"),
          Map.entry(
              "sinkwatch.network.effective.depth.layers",
              "First operator behind which at most eps of the detail is left"),
          Map.entry("sinkwatch.network.depth.gain.ratio", "Detail left behind the last operator"),
          Map.entry(
              "sinkwatch.network.snr.ceiling.ratio",
              "Most that the signal-to-noise ratio can be behind the last operator"),
          Map.entry(
              "sinkwatch.network.snr.critical.ratio",
              "Signal-to-noise ratio at which signal is no stronger than chance"),
          Map.entry(
              "sinkwatch.network.gain.spread",
              "Largest |ln sum| over rows and columns of all operators together"),
          Map.entry("sinkwatch.network.operators", "Operators of the chain at its last step"),
          Map.entry("sinkwatch.network.sigma2.min.ratio", "Smallest sigma2 in the chain"),
          Map.entry("sinkwatch.run.step", "Newest step seen of the run"),
          Map.entry("sinkwatch.run.attempt", "Attempt that the run is in"),
          Map.entry(
              "sinkwatch.run.last.snapshot.timestamp.seconds",
              "When the broker appended the run's newest judged snapshot"),
          Map.entry("sinkwatch.run.observable", "Whether the run has any operator: 1 or 0"),
          Map.entry(
              "sinkwatch.run.info",
              "1 for every run that this monitor owns; observability is that of the operator that"
                  + " tells least, or not-observable"),
          Map.entry("sinkwatch.alarm.state", "0 inactive, 1 pending, 2 firing"),
          Map.entry(
              "sinkwatch.alarm.silenced", "1 while the alarm is pending or fires and is silenced"),
          Map.entry(
              "sinkwatch.alarm.projected.step",
              "Step at which a layer that drifts comes to HomogeneityTrap, NaN if it does not"),
          Map.entry(
              "sinkwatch.layers.truncated",
              "Verdicts and alarms without series because a run has more than metrics.max-layers"),
          Map.entry(
              "sinkwatch.parts.missing",
              "Tensors without which a layer was judged that they would have told more of"),
          Map.entry(
              "sinkwatch.verdicts.passed.by",
              "Verdicts on layers or chains of a run that has more than can be remembered"),
          Map.entry("sinkwatch.shards.received", "Records received from the weights topic"),
          Map.entry("sinkwatch.shards", "Received shards by what became of them"),
          Map.entry("sinkwatch.shards.in.flight", "Received shards that have no outcome yet"),
          Map.entry("sinkwatch.rejected", "Rejected records by reason"),
          Map.entry("sinkwatch.records.misrouted", "Records on another partition than their key's"),
          Map.entry(
              "sinkwatch.records.expired",
              "Records that Kafka's retention had deleted before this monitor received them"),
          Map.entry("sinkwatch.snapshots.analyzed", "Snapshots whose verdict is acknowledged"),
          Map.entry("sinkwatch.ingest.bytes", "Bytes of keys and values received"),
          Map.entry(
              "sinkwatch.http.ingest.requests", "Snapshots sent over HTTP by what became of them"),
          Map.entry("sinkwatch.http.ingest.rejected", "Those that were refused, by reason"),
          Map.entry("sinkwatch.http.ingest.bytes", "Bytes of bodies received over HTTP"),
          Map.entry("sinkwatch.analysis", "Time to judge one snapshot"),
          Map.entry(
              "sinkwatch.end.to.end",
              "From the oldest append of a snapshot to its acknowledged verdict"),
          Map.entry("sinkwatch.consumer.lag.records", "Records written and not yet received"),
          Map.entry(
              "sinkwatch.consumer.lag.seconds", "Age of the last record of the latest partition"),
          Map.entry(
              "sinkwatch.buffered.bytes",
              "Shards that wait for the rest of their snapshot or site"),
          Map.entry("sinkwatch.stream.clients", "Open streams of events, the page's among them"),
          Map.entry(
              "sinkwatch.stream.events.dropped",
              "Events that a stream's client was not sent because it reads too slowly"),
          Map.entry("sinkwatch.canary.published", "Canaries that Kafka has acknowledged"),
          Map.entry("sinkwatch.canary.failures", "Canaries that were not published, by reason"),
          Map.entry("sinkwatch.canary.answered", "Canaries whose verdict came in time"),
          Map.entry("sinkwatch.canary.lost", "Published canaries without a verdict in time"),
          Map.entry("sinkwatch.canary.late", "Lost canaries whose verdict came after all"),
          Map.entry("sinkwatch.canary.in.flight", "Canaries that have come to no end yet"),
          Map.entry(
              "sinkwatch.canary.delay",
              "From giving a canary to the Kafka client to reading its verdict"),
          Map.entry("sinkwatch.canary.error.ratio", "Relative error of a canary's worst figure"),
          Map.entry("sinkwatch.canary.wrong", "Verdicts on canaries that are not as promised"),
          Map.entry("sinkwatch.kafka.connections", "Connections of a Kafka client"),
          Map.entry("sinkwatch.kafka.failed.authentications", "Its connections that were refused"),
          Map.entry("sinkwatch.kafka.lag.max.records", "A consumer's furthest partition behind"),
          Map.entry("sinkwatch.kafka.consumed.records", "Records that a consumer was given"),
          Map.entry("sinkwatch.kafka.consumed.bytes", "Bytes of them"),
          Map.entry("sinkwatch.kafka.fetch.latency.avg.seconds", "Mean time of a recent fetch"),
          Map.entry("sinkwatch.kafka.commit.latency.avg.seconds", "Mean time of a recent commit"),
          Map.entry("sinkwatch.kafka.rebalances", "Times that partitions were shared out anew"),
          Map.entry(
              "sinkwatch.kafka.last.heartbeat.age.seconds", "Since a consumer's last heartbeat"),
          Map.entry("sinkwatch.kafka.sent.records", "Records that a producer sent"),
          Map.entry("sinkwatch.kafka.send.errors", "Records that it gave up"),
          Map.entry("sinkwatch.kafka.send.retries", "Records that it sent again"),
          Map.entry("sinkwatch.kafka.request.latency.avg.seconds", "Mean time of a recent request"),
          Map.entry("sinkwatch.kafka.buffer.available.bytes", "What is left of its buffer"),
          Map.entry("process.cpu.seconds", "Processor time that the process has used"),
          Map.entry("process.resident.memory.bytes", "Memory that the process has resident"),
          Map.entry("sinkwatch.ready", "Whether it consumes and has read the last verdicts again"),
          Map.entry("sinkwatch.build.info", "Which sinkwatch and Java this is"));

  private Help() {}

  static String of(String name) {
    String text = TEXTS.get(name);
    if (text == null) {
      throw new IllegalArgumentException("a metric without help: " + name);
    }
    return text;
  }
}

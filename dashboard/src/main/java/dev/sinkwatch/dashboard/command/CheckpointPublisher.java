package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Puts checkpoints on the topic and says what Kafka acknowledged of them. For one thread. */
final class CheckpointPublisher {

  /**
   * What they are published as.
   *
   * @param run null when their files say it
   * @param attempt holds where a file does not say its own
   * @param step null when names and files say it
   */
  record Name(@Nullable String run, int attempt, @Nullable Long step) {

    String run(Checkpoint checkpoint) throws CommandException {
      String name = run != null ? run : checkpoint.run().orElse(null);
      if (name == null) {
        throw new CommandException(checkpoint.path() + " names no run: say --run NAME");
      }
      if (CanaryRun.reserved(name)) {
        throw new CommandException(
            "run "
                + name
                + ": names with "
                + CanaryRun.PREFIX
                + " are the monitor's own, which no page shows");
      }
      return name;
    }
  }

  private static final String ASSUMED =
      "  step 0 is assumed, since no name and no metadata tells one, and a run judges a step once:"
          + " say --step N (not with --watch), or save it as step-N/model.safetensors or with"
          + " sinkwatch.step in its metadata";

  private final ShardPublisher publisher;
  private final Name name;
  private final @Nullable LayerAnalysis choice;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Set<String> operators = new HashSet<>();

  /**
   * @param choice what tells operators from what is not published; null when all is
   * @param err shows how far it is
   */
  CheckpointPublisher(
      ShardPublisher publisher,
      Name name,
      @Nullable LayerAnalysis choice,
      PrintWriter out,
      PrintWriter err) {
    this.publisher = publisher;
    this.name = name;
    this.choice = choice;
    this.out = out;
    this.err = err;
  }

  Name name() {
    return name;
  }

  /** Tells stdout of a checkpoint that Kafka has acknowledged all of. */
  void publish(Checkpoint found) throws CommandException {
    Long step = name.step();
    Checkpoint checkpoint = step == null ? found : found.at(step);
    String run = name.run(checkpoint);
    List<String> leftOut = new ArrayList<>();
    Sent sent = send(checkpoint, run, leftOut);
    Throwable failed = sent.failure().get();
    if (failed != null) {
      int some = sent.acknowledged().get();
      throw new CommandException(
          "%s: step %d of run %s is not %s: %s"
              .formatted(
                  checkpoint.path(),
                  checkpoint.step(),
                  run,
                  some == 0 ? "published" : "all published, only " + some + " shards are",
                  failed.getMessage()),
          failed);
    }
    checkpoint
        .skipped()
        .forEach(skipped ->
            leftOut.add(skipped.name() + " (" + skipped.dtype() + "): " + skipped.why()));
    out.println(
        Terminal.plain(
            "%s: step %d of run %s published, %d tensors in %d shards"
                .formatted(
                    checkpoint.path(),
                    checkpoint.step(),
                    run,
                    sent.tensors(),
                    sent.acknowledged().get())));
    if (name.step() == null && !checkpoint.tellsStep()) {
      out.println(ASSUMED);
    }
    leftOut.forEach(line -> out.println("  left out " + Terminal.plain(line)));
    if (sent.tensors() == 0 && choice != null) {
      out.println(
          "  no tensor of it is an operator under this profile; --all publishes the others");
    }
    out.flush();
  }

  /** How far it came. */
  private record Sent(
      int tensors, AtomicInteger acknowledged, AtomicReference<@Nullable Throwable> failure) {}

  private Sent send(Checkpoint checkpoint, String run, List<String> leftOut) {
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    String publish = UUID.randomUUID().toString();
    int tensors = 0;
    try (ProgressBar bar =
        new ProgressBar(err, Terminal.interactive(), Terminal.width(), checkpoint.bytes())) {
      for (Snapshot snapshot : checkpoint.snapshots(run, name.attempt())) {
        if (snapshot.shape().elements() == 0 || !chosen(run, snapshot)) {
          continue; // nothing to send
        }
        String layer = snapshot.id().layer();
        long rowBytes = snapshot.shape().columns() * snapshot.dtype().bytes();
        if (rowBytes > ShardCutter.MAX_ROW_BYTES) {
          leftOut.add(layer + ": a row of " + rowBytes + " bytes fits no Kafka record");
          continue;
        }
        tensors++;
        ShardCutter.cut(
            snapshot,
            publish,
            ShardCutter.DEFAULT_BYTES,
            shard -> {
              if (failure.get() != null) {
                throw new UncheckedIOException(new IOException("a shard before it failed"));
              }
              bar.show(layer);
              send(shard, acknowledged, failure);
              bar.add(shard.data().byteSize());
            });
      }
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    } catch (UncheckedIOException e) {
      failure.compareAndSet(null, e.getCause());
    }
    publisher.flush(); // after a failure too: what is under way arrives or does not
    return new Sent(tensors, acknowledged, failure);
  }

  private void send(
      Shard shard, AtomicInteger acknowledged, AtomicReference<@Nullable Throwable> failure) {
    Mono.fromFuture(() -> publisher.publish(shard))
        .subscribe(
            done -> {},
            failed -> failure.compareAndSet(null, failed),
            acknowledged::incrementAndGet);
  }

  /** What was an operator once is published whatever becomes of it. */
  private boolean chosen(String run, Snapshot snapshot) throws IOException {
    LayerAnalysis analysis = choice;
    if (analysis == null) {
      return true;
    }
    String layer = run + "/" + snapshot.id().layer();
    if (operators.contains(layer)) {
      return true;
    }
    return analysis.mayBeOperator(snapshot) && operators.add(layer);
  }
}

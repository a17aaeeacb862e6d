package dev.sinkwatch.dashboard.command;

import static java.util.stream.Collectors.joining;

import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.checkpoint.CheckpointWatcher;
import dev.sinkwatch.ingest.checkpoint.PublishedCheckpoints;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.Fields;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

@Command(
    name = "publish",
    description = "Puts checkpoints on the weights topic.",
    mixinStandardHelpOptions = true)
final class PublishCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofSeconds(2);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServiceOptions service = new ServiceOptions();
  @Mixin private BrokerOptions kafka = new BrokerOptions();

  @Parameters(arity = "1..*", paramLabel = "PATH", description = CheckpointPaths.DESCRIPTION)
  private List<Path> paths = List.of();

  @Option(
      names = "--run",
      paramLabel = "R",
      description = "the run that they belong to (default: what the files say)")
  private @Nullable String run;

  @Option(
      names = "--attempt",
      paramLabel = "N",
      description = "restart of the run (default: ${DEFAULT-VALUE})",
      defaultValue = "0")
  private int attempt;

  @Option(
      names = "--watch",
      description =
          "go on and publish new checkpoints as they come: what may be an operator, see --all")
  private boolean watch;

  @Option(names = "--all", description = "with --watch: ordinary matrices too")
  private boolean all;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description =
          "with --watch: model family that tells operators, or a YAML file (default: auto)")
  private @Nullable String profile;

  @Option(
      names = "--remember",
      paramLabel = "FILE",
      description =
          "with --watch: where to keep which checkpoints were published (default: a file of the"
              + " user's)")
  private @Nullable Path remember;

  /** What tells operators from what is not published; null when all is. */
  private @Nullable LayerAnalysis choice;

  private final Set<String> operators = new HashSet<>();
  private @Nullable PublishedCheckpoints published;

  @Override
  public Integer call() throws Exception {
    if (run != null) {
      String _ = Fields.run(run);
    }
    if (attempt < 0) {
      throw new CommandException("--attempt must be 0 or more");
    }
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.KAFKA_BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    options.put(Setting.PROFILE, profile);
    Configuration configuration = service.read(options);
    KafkaSettings kafka = Settings.kafka(configuration);
    TopicSettings topics = TopicSettings.of(Settings.replicationFactor(configuration));
    List<Path> named = CheckpointPaths.named(paths);
    List<Checkpoint> checkpoints = watch ? List.of() : CheckpointPaths.find(named);
    for (Checkpoint checkpoint : checkpoints) {
      String _ = run(checkpoint);
    }
    if (watch && !all) {
      choice = new LayerAnalysis(Settings.analysis(configuration), Settings.secret(configuration));
    }
    published = watch ? published() : null;
    Topics.ensure(kafka, topics);
    try (Lifetime lifetime = new Lifetime(Lifetime.SHORT)) {
      ShardPublisher publisher = lifetime.add(new ShardPublisher(kafka));
      if (watch) {
        watch(publisher);
      }
      for (Checkpoint checkpoint : checkpoints) {
        publish(checkpoint, publisher);
      }
    }
    return Sinkwatch.OK;
  }

  /** What was published before; null when it cannot be kept. */
  private @Nullable PublishedCheckpoints published() throws CommandException {
    Path file = remember != null ? remember : StateFiles.of("published");
    try {
      return PublishedCheckpoints.in(file);
    } catch (IOException e) {
      if (remember != null) {
        throw new CommandException(file + ": cannot be kept: " + e.getMessage());
      }
      complain(
          "what is published now is published again after a restart: " + file + " cannot be kept");
      return null;
    }
  }

  /** Until the process is told to stop. */
  private void watch(ShardPublisher publisher) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<Flux<Checkpoint>> directories = new ArrayList<>();
    for (Path path : paths) {
      directories.add(CheckpointWatcher.watch(path, POLL));
    }
    out.println(
        "watching " + Terminal.plain(paths.stream().map(Path::toString).collect(joining(", "))));
    out.flush();
    try {
      for (Checkpoint checkpoint : Flux.merge(directories).toIterable(1)) {
        try {
          publishOnce(checkpoint, publisher);
        } catch (IOException | CommandException e) {
          complain(String.valueOf(e.getMessage())); // the next one may be better
        }
      }
    } catch (RuntimeException e) {
      if (Exceptions.unwrap(e) instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void publishOnce(Checkpoint checkpoint, ShardPublisher publisher)
      throws IOException, CommandException {
    String name = run(checkpoint);
    PublishedCheckpoints known = published;
    if (known != null && known.has(name, attempt, checkpoint)) {
      return;
    }
    publish(checkpoint, publisher);
    if (known != null) {
      known.add(name, attempt, checkpoint);
    }
  }

  private void complain(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sinkwatch: " + Terminal.plain(line));
    err.flush();
  }

  private String run(Checkpoint checkpoint) throws CommandException {
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

  private void publish(Checkpoint checkpoint, ShardPublisher publisher)
      throws IOException, CommandException {
    String name = run(checkpoint);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<String> leftOut = new ArrayList<>();
    int tensors = 0;
    int[] shards = {0};
    try (ProgressBar bar =
        new ProgressBar(
            spec.commandLine().getErr(),
            Terminal.interactive(),
            Terminal.width(),
            checkpoint.bytes())) {
      for (Snapshot snapshot : checkpoint.snapshots(name, attempt)) {
        if (snapshot.shape().elements() == 0 || !chosen(name, snapshot)) {
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
            ShardCutter.DEFAULT_BYTES,
            shard -> {
              if (failure.get() == null) {
                bar.show(layer);
                send(shard, publisher, failure);
                bar.add(shard.data().byteSize());
                shards[0]++;
              }
            });
      }
      publisher.flush();
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new CommandException(
          "%s: step %d of run %s is not %spublished: %s"
              .formatted(
                  checkpoint.path(),
                  checkpoint.step(),
                  name,
                  shards[0] == 0 ? "" : "all ",
                  failed.getMessage()));
    }
    checkpoint
        .skipped()
        .forEach(skipped ->
            leftOut.add(skipped.name() + " (" + skipped.dtype() + "): " + skipped.why()));
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        Terminal.plain(
            "%s: step %d of run %s published, %d tensors in %d shards"
                .formatted(checkpoint.path(), checkpoint.step(), name, tensors, shards[0])));
    leftOut.forEach(line -> out.println("  left out " + Terminal.plain(line)));
    if (tensors == 0 && choice != null) {
      out.println(
          "  no tensor of it is an operator under this profile; --all publishes the others");
    }
    out.flush();
  }

  /** What was an operator once is published whatever becomes of it. */
  private boolean chosen(String name, Snapshot snapshot) throws IOException {
    LayerAnalysis analysis = choice;
    if (analysis == null) {
      return true;
    }
    String layer = name + "/" + snapshot.id().layer();
    if (operators.contains(layer)) {
      return true;
    }
    return analysis.mayBeOperator(snapshot) && operators.add(layer);
  }

  private static void send(
      Shard shard, ShardPublisher publisher, AtomicReference<@Nullable Throwable> failure) {
    Mono.fromFuture(() -> publisher.publish(shard))
        .subscribe(done -> {}, failed -> failure.compareAndSet(null, failed));
  }
}

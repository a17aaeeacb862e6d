package dev.sinkwatch.dashboard.command;

import static java.util.stream.Collectors.joining;

import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.checkpoint.CheckpointWatcher;
import dev.sinkwatch.ingest.checkpoint.PublishedCheckpoints;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.Fields;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
      names = "--step",
      paramLabel = "N",
      description =
          "the step of the only checkpoint (default: what its metadata, directory or name says)")
  private @Nullable Long step;

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

  private @Nullable PublishedCheckpoints published;

  @Override
  public Integer call() throws Exception {
    if (run != null) {
      String _ = Fields.run(run);
    }
    if (attempt < 0) {
      throw new CommandException("--attempt must be 0 or more");
    }
    if (step != null && (step < 0 || watch)) {
      throw new CommandException(
          watch ? "--step is of one checkpoint, not with --watch" : "--step must be 0 or more");
    }
    CheckpointPublisher.Name name = new CheckpointPublisher.Name(run, attempt, step);
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.KAFKA_BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    options.put(Setting.PROFILE, profile);
    Configuration configuration = service.read(options);
    KafkaSettings kafka = Settings.kafka(configuration);
    TopicSettings topics = TopicSettings.of(Settings.replicationFactor(configuration));
    List<Path> named = CheckpointPaths.named(paths);
    List<Checkpoint> checkpoints = watch ? List.of() : CheckpointPaths.find(named);
    if (step != null && checkpoints.size() > 1) {
      throw new CommandException(
          "--step is of one checkpoint, and there are " + checkpoints.size() + " in these paths");
    }
    for (Checkpoint checkpoint : checkpoints) {
      String _ = name.run(checkpoint);
    }
    LayerAnalysis choice =
        watch && !all
            ? new LayerAnalysis(Settings.analysis(configuration), Settings.secret(configuration))
            : null;
    published = watch ? published() : null;
    Topics.ensure(kafka, topics);
    try (Lifetime lifetime = new Lifetime(Lifetime.SHORT)) {
      CheckpointPublisher publisher =
          new CheckpointPublisher(
              lifetime.add(new ShardPublisher(kafka)),
              name,
              choice,
              spec.commandLine().getOut(),
              spec.commandLine().getErr());
      if (watch) {
        watch(publisher);
      }
      for (Checkpoint checkpoint : checkpoints) {
        publisher.publish(checkpoint);
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
  private void watch(CheckpointPublisher publisher) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "watching " + Terminal.plain(paths.stream().map(Path::toString).collect(joining(", "))));
    out.flush();
    new PublishLoop(publisher, published, InstantSource.system(), this::complain)
        .follow(paths.stream().map(path -> new CheckpointWatcher(path, POLL)).toList());
  }

  private void complain(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sinkwatch: " + Terminal.plain(line));
    err.flush();
  }
}

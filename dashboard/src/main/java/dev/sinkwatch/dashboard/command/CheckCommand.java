package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.analyzer.StepJudge;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.SiteParts;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.report.Report;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.checkpoint.CheckpointException;
import dev.sinkwatch.ingest.checkpoint.Checkpoints;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "check",
    description = "Judges checkpoints once, without Kafka and without history.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:fine",
      "1:usage or input error",
      "2:a condition of --fail-on",
      "141:its reader is gone"
    })
final class CheckCommand implements Callable<Integer> {
  /** No alarm of a run, but nothing to be called healthy either. */
  private static final String NOT_OBSERVABLE = "NotObservable";

  private static final Set<String> ALARMS =
      new LinkedHashSet<>(
          List.of(
              "HomogeneityTrap",
              "IdentityStagnation",
              "SinkhornNotConverged",
              "NonFiniteWeights",
              "GainSpread",
              "DepthCollapse",
              "SnrDominatedByNoise",
              "SnrCollapse",
              NOT_OBSERVABLE));

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServiceOptions service = new ServiceOptions();

  @Parameters(arity = "1..*", paramLabel = "PATH", description = CheckpointPaths.DESCRIPTION)
  private List<Path> paths = List.of();

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = "model family, see `sinkwatch profiles`, or a YAML file (default: auto)")
  private @Nullable String profile;

  @Option(
      names = "--eps",
      paramLabel = "E",
      description = "what is left of the detail when depth stops counting (default: 0.01)")
  private @Nullable String eps;

  @Option(
      names = "--activation",
      paramLabel = "T",
      description = "float32, float16, bfloat16 or float8: the assumed noise (default: bfloat16)")
  private @Nullable String activation;

  @Option(
      names = "--passes",
      paramLabel = "N",
      description = "most passes over a large matrix (default: 0, as many as the figures need)")
  private @Nullable String passes;

  @Option(
      names = "--format",
      description =
          "table, json (one object a line) or csv, both with the path as `file` where there are"
              + " several (default: ${DEFAULT-VALUE})",
      paramLabel = "F",
      defaultValue = "table")
  private Report.Format format = Report.Format.TABLE;

  @Option(
      names = "--fail-on",
      paramLabel = "ALARM",
      split = ",",
      description =
          "exit with 2 when one of these conditions holds: alarms, or NotObservable, which is that"
              + " no operator is in the weights; `any` for all of them. None but NotObservable"
              + " holds where nothing is observable")
  private List<String> failOn = List.of();

  private final Set<String> seen = new LinkedHashSet<>();
  private final List<String> unobservable = new ArrayList<>();
  private boolean refused;

  @Override
  public Integer call() throws Exception {
    for (String alarm : failOn) {
      if (!ALARMS.contains(alarm) && !alarm.equals("any")) {
        throw new CommandException(
            "there is no alarm %s to fail on; there are %s, and any"
                .formatted(alarm, String.join(", ", ALARMS)));
      }
    }
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.PROFILE, profile);
    options.put(Setting.EPS, eps);
    options.put(Setting.ACTIVATION, activation);
    options.put(Setting.ANALYSIS_MAX_PASSES, passes);
    Configuration configuration = service.read(options);
    StepJudge judge =
        new StepJudge(
            new LayerAnalysis(
                Settings.analysis(configuration),
                Settings.secret(configuration),
                Settings.resources(configuration)),
            Settings.analysis(configuration).eps(),
            Settings.noise(configuration));
    List<Checkpoint> checkpoints = readable(CheckpointPaths.named(paths));
    long total = checkpoints.stream().mapToLong(Checkpoint::bytes).sum();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Report report =
        Report.of(
            format,
            out,
            Terminal.tableWidth(),
            Settings.analysis(configuration).eps(),
            checkpoints.size() > 1);
    try (ProgressBar bar = new ProgressBar(err, Terminal.interactive(), Terminal.width(), total)) {
      for (Checkpoint checkpoint : checkpoints) {
        if (!check(checkpoint, judge, report, bar)) {
          return Sinkwatch.UNREAD;
        }
      }
    }
    boolean everything = failOn.contains("any");
    if (!failOn.isEmpty() && !everything && !failOn.contains(NOT_OBSERVABLE)) {
      unobservable.forEach(step ->
          complain(
              "nothing in "
                  + step
                  + " is observable: --fail-on "
                  + NOT_OBSERVABLE
                  + " would end with 2"));
    }
    if (refused) {
      return Sinkwatch.ERROR;
    }
    boolean matched = everything ? !seen.isEmpty() : failOn.stream().anyMatch(seen::contains);
    return matched ? Sinkwatch.MATCHED : Sinkwatch.OK;
  }

  /** The checkpoints of all paths; of what cannot be read each is told. */
  private List<Checkpoint> readable(List<Path> named) {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (Path path : named) {
      try {
        checkpoints.addAll(Checkpoints.find(path));
      } catch (CheckpointException e) {
        refused = true;
        complain(String.valueOf(e.getMessage()));
      }
    }
    return checkpoints;
  }

  /** Whether anybody is left to read what is found. */
  private boolean check(Checkpoint checkpoint, StepJudge judge, Report report, ProgressBar bar)
      throws IOException {
    List<LayerVerdict> layers = new ArrayList<>();
    report.step(checkpoint.path().toString(), checkpoint.step());
    String run = checkpoint.run().orElse("check");
    SiteParts parts = new SiteParts();
    for (Snapshot snapshot : checkpoint.snapshots(run, 0)) {
      contribute(snapshot, judge, parts);
    }
    for (Snapshot snapshot : checkpoint.snapshots(run, 0)) {
      ReadSnapshot read = new ReadSnapshot(snapshot, bar);
      try {
        LayerVerdict verdict = judge.layer(read, parts);
        layers.add(verdict);
        seen.addAll(verdict.alarms());
        bar.clear();
        report.layer(verdict);
      } catch (RejectedException e) {
        refuse(snapshot, String.valueOf(e.getMessage()), bar);
      } catch (OutOfMemoryError e) {
        refuse(
            snapshot,
            "judging it needs more than %d MiB of heap: SINKWATCH_JAVA_OPTS=-Xmx4g gives more"
                .formatted(Runtime.getRuntime().maxMemory() >> 20),
            bar);
      }
      read.done();
      if (report.lost()) {
        return false;
      }
    }
    bar.clear();
    for (Checkpoint.Skipped skipped : checkpoint.skipped()) {
      complain(skipped.name() + " (" + skipped.dtype() + ") is not judged: " + skipped.why());
    }
    if (layers.stream().noneMatch(layer -> layer.kind().operator())) {
      seen.add(NOT_OBSERVABLE);
      if (format != Report.Format.TABLE) { // which says so itself
        complain(
            "%s, step %d: %s"
                .formatted(checkpoint.path(), checkpoint.step(), Report.NOT_OBSERVABLE));
      }
      unobservable.add(checkpoint.path() + ", step " + checkpoint.step());
    }
    for (ChainVerdict chain : judge.chains(layers)) {
      seen.addAll(chain.alarms());
      report.chain(chain);
    }
    report.endOfStep();
    return !report.lost();
  }

  private void contribute(Snapshot snapshot, StepJudge judge, SiteParts parts) throws IOException {
    try {
      boolean _ = judge.contribute(snapshot, parts);
    } catch (RejectedException e) {
      complain(snapshot.id().layer() + " contributes to no other: " + e.getMessage());
    }
  }

  private void refuse(Snapshot snapshot, String why, ProgressBar bar) {
    bar.clear();
    refused = true;
    complain(snapshot.id().layer() + ": " + why);
  }

  private void complain(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sinkwatch: " + Terminal.plain(line));
    err.flush();
  }
}

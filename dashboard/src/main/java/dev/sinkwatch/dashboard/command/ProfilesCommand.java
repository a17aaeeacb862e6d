package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.analyzer.layer.Explanation;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.profile.Rule;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "profiles",
    description = "Lists the built-in profiles and what each matches.",
    mixinStandardHelpOptions = true)
final class ProfilesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--explain",
      paramLabel = "PATH",
      description = "says for each tensor of a checkpoint what it is taken for, and why")
  private @Nullable Path explained;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = "for --explain: a built-in profile or a file (default: auto)")
  private @Nullable String profile;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    if (explained != null) {
      explain(explained, out);
    } else {
      list(out);
    }
    return Sinkwatch.OK;
  }

  private static void list(PrintWriter out) {
    out.println(Profiles.AUTO + " (the default)");
    out.println("    for each tensor the first profile below that knows its name");
    for (Profile each : Profiles.builtIn()) {
      out.println(each.name());
      out.println("    " + each.about());
      out.println("    " + each.source());
      for (Rule rule : each.rules()) {
        out.println("    tensors  " + rule.tensor().pattern().replaceAll("\\?<\\w+>", ""));
        out.println("    operator " + rule.inWords());
        if (!each.tokens()) {
          rule.othersInWords().ifPresent(others -> out.println("    with     " + others));
        }
      }
      if (each.tokens()) {
        out.println(each.name() + Profiles.ISOTROPIC);
        out.println("    the same, and what depends on the token, as under auto");
        for (Rule rule : each.rules()) {
          rule.othersInWords().ifPresent(others -> out.println("    with     " + others));
        }
      }
    }
  }

  private void explain(Path path, PrintWriter out) throws Exception {
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.PROFILE, profile);
    Configuration configuration = service.read(options);
    LayerAnalysis analysis =
        new LayerAnalysis(
            Settings.analysis(configuration),
            Settings.secret(configuration),
            Settings.resources(configuration));
    int operators = 0;
    for (Checkpoint checkpoint : CheckpointPaths.find(List.of(path))) {
      out.println(Terminal.plain(checkpoint.path() + ", step " + checkpoint.step()));
      for (Snapshot snapshot : checkpoint.snapshots(checkpoint.run().orElse("check"), 0)) {
        operators += explain(snapshot, analysis, out) ? 1 : 0;
      }
      for (Checkpoint.Skipped skipped : checkpoint.skipped()) {
        out.println(Terminal.plain(skipped.name() + " (" + skipped.dtype() + ")"));
        out.println("    not judged: " + Terminal.plain(skipped.why()));
      }
    }
    if (operators == 0) {
      out.println("not observable: no tensor here is an operator under this profile");
    }
  }

  /** Whether it is an operator. */
  private static boolean explain(Snapshot snapshot, LayerAnalysis analysis, PrintWriter out)
      throws IOException {
    Explanation taken = analysis.explain(snapshot);
    out.printf(
        "%s [%s] %s%n", Terminal.plain(snapshot.id().layer()), snapshot.shape(), snapshot.dtype());
    out.printf(
        "    %s%s: %s%n",
        taken.kind().wireName(),
        taken.n() > 0 ? ", n = " + taken.n() : "",
        Terminal.plain(taken.why()));
    return taken.kind().operator();
  }
}

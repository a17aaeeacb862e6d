package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.demo.DemoTraining;
import dev.sinkwatch.dashboard.http.HttpDoor;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description =
        "Shows it all on this machine: a Kafka broker in the process, a training run that falls"
            + " into the homogeneity trap, the monitor and its page.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final String RUN = "demo";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "where the page and /metrics are (default: 127.0.0.1:8321)")
  private @Nullable String listen;

  @Option(
      names = "--insecure",
      description = "listen beyond loopback although nobody is asked who they are")
  private boolean insecure;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of the network's first weights and its data (default: ${DEFAULT-VALUE})",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--pace",
      paramLabel = "MILLISECONDS",
      description = "time between two snapshots (default: ${DEFAULT-VALUE})",
      defaultValue = "500")
  private int pace;

  @Override
  public Integer call() throws Exception {
    if (pace < 1) {
      throw new CommandException("--pace must be 1 or more");
    }
    Settings said = settings(); // a wrong one is told before anything starts
    HttpDoor.check(said.http()); // a broker takes its time to start
    PrintWriter out = spec.commandLine().getOut();
    try (Lifetime lifetime = new Lifetime(Lifetime.WITH_BROKER)) {
      EmbeddedBroker broker;
      Settings settings;
      Monitor monitor;
      try (Waiting _ = Waiting.forBroker(spec.commandLine().getErr())) {
        broker = lifetime.open(() -> EmbeddedBroker.start(0, null));
        settings = said.withBrokers(broker.bootstrapServers());
        monitor = lifetime.add(Monitor.start(settings, EmbeddedBroker.PATIENCE));
      }
      ShardPublisher publisher = lifetime.add(new ShardPublisher(settings.kafka()));
      lifetime.add(new DemoTraining(RUN, publisher, Duration.ofMillis(pace), seed));
      out.println("page     " + monitor.url());
      out.println("metrics  " + monitor.url() + "/metrics");
      out.println("broker   " + broker.bootstrapServers());
      out.println();
      out.println(
          "A network trains in this process, and its weight decay is too strong. Watch its");
      out.println("mixers become uniform: HomogeneityTrap fires within a minute. Ctrl-C ends it.");
      out.flush();
      lifetime.await();
    }
    return Sinkwatch.OK;
  }

  private Settings settings() throws Exception {
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.LISTEN, listen);
    options.put(Setting.INSECURE, insecure ? "true" : null);
    return Settings.of(service.read(options));
  }
}

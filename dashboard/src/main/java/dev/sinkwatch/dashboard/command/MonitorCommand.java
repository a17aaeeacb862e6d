package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.http.HttpDoor;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import java.io.PrintWriter;
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
    name = "monitor",
    description = "Consumes snapshots from Kafka, judges them, exports metrics, serves the page.",
    mixinStandardHelpOptions = true)
final class MonitorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServiceOptions service = new ServiceOptions();
  @Mixin private BrokerOptions kafka = new BrokerOptions();

  @Option(
      names = "--embedded-kafka",
      description = "start a broker in this process, on 127.0.0.1, for trying things out")
  private boolean embeddedKafka;

  @Option(
      names = "--embedded-kafka-port",
      paramLabel = "PORT",
      description = "its port (default: ${DEFAULT-VALUE}; 0 takes a free one)",
      defaultValue = "9092")
  private int embeddedKafkaPort;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "where the page and /metrics are (default: 127.0.0.1:8321)")
  private @Nullable String listen;

  @Option(
      names = "--listen-unix",
      paramLabel = "PATH",
      description = "a Unix socket where they are as well, for sidecars")
  private @Nullable String listenUnix;

  @Option(
      names = "--insecure",
      description = "listen beyond loopback although nobody is asked who they are")
  private boolean insecure;

  @Option(names = "--group", paramLabel = "NAME", description = "consumer group")
  private @Nullable String group;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = "model family, see `sinkwatch profiles`, or a YAML file (default: auto)")
  private @Nullable String profile;

  @Option(
      names = "--canary",
      description = "publish known mixers and export what is lost, late or wrong of them")
  private boolean canary;

  @Override
  public Integer call() throws Exception {
    if (embeddedKafka && kafka.bootstrapServers() != null) {
      throw new CommandException(
          "--embedded-kafka starts a broker of its own: leave out --bootstrap-servers");
    }
    if (embeddedKafkaPort < 0 || embeddedKafkaPort > 65535) {
      throw new CommandException(
          "--embedded-kafka-port: " + embeddedKafkaPort + " is not between 0 and 65535");
    }
    PrintWriter out = spec.commandLine().getOut();
    Settings settings = settings(); // a wrong one is told before anything starts
    HttpDoor.check(settings.http()); // a broker takes its time to start
    try (Lifetime lifetime = new Lifetime(embeddedKafka ? Lifetime.WITH_BROKER : Lifetime.SHORT)) {
      Monitor monitor;
      if (embeddedKafka) {
        try (Waiting _ = Waiting.forBroker(spec.commandLine().getErr())) {
          String broker =
              lifetime.open(() -> EmbeddedBroker.start(embeddedKafkaPort, null)).bootstrapServers();
          out.println("Kafka broker in this process: " + broker);
          settings = settings.withBrokers(broker);
          monitor = lifetime.add(Monitor.start(settings, EmbeddedBroker.PATIENCE));
        }
      } else {
        monitor = lifetime.add(Monitor.start(settings));
      }
      out.println("monitor of " + settings.kafka().bootstrapServers());
      out.println("page     " + monitor.url());
      out.println("metrics  " + monitor.url() + "/metrics");
      if (settings.http().unixSocket() != null) {
        out.println("socket   " + settings.http().unixSocket());
      }
      out.flush();
      lifetime.await();
    }
    return Sinkwatch.OK;
  }

  private Settings settings() throws Exception {
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.KAFKA_BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    options.put(Setting.LISTEN, listen);
    options.put(Setting.HTTP_UNIX_SOCKET, listenUnix);
    options.put(Setting.INSECURE, insecure ? "true" : null);
    options.put(Setting.GROUP, group);
    options.put(Setting.PROFILE, profile);
    options.put(Setting.CANARY, canary ? "true" : null);
    return Settings.of(service.read(options));
  }
}

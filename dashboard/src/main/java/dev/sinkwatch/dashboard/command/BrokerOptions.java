package dev.sinkwatch.dashboard.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command that needs Kafka finds it. */
final class BrokerOptions {
  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description = "Kafka brokers to begin with (default: localhost:9092)")
  private @Nullable String bootstrapServers;

  /** Null if the option was not given. */
  @Nullable String bootstrapServers() {
    return bootstrapServers;
  }
}

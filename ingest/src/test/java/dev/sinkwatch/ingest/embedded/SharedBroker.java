package dev.sinkwatch.ingest.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** One broker for all tests of this JVM; tests keep apart by their own topics and groups. */
public final class SharedBroker {

  private SharedBroker() {}

  /** Its address; the first call starts it, the end of the JVM stops it. */
  public static String bootstrapServers() {
    return Started.BROKER.bootstrapServers();
  }

  private static final class Started {
    static final EmbeddedBroker BROKER = start();

    private static EmbeddedBroker start() {
      try {
        EmbeddedBroker broker = EmbeddedBroker.start(0, null, SharedBroker::hurry);
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "embedded-kafka-close"));
        return broker;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Members of groups whom the broker tells how often to ask learn soon of what has changed. */
  private static void hurry(Properties properties) {
    properties.put("group.consumer.min.heartbeat.interval.ms", "500");
    properties.put("group.consumer.heartbeat.interval.ms", "500");
  }
}

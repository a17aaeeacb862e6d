package dev.sinkwatch.ingest.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker and its controller in this process, on the loopback interface alone. It keeps no
 * replicas and bounds its disk, so it is for one machine and for data that may be lost with it.
 *
 * <p>Safe for use by several threads. What it logs is the caller's to configure (loggers {@code
 * org.apache.kafka}, {@code kafka} and {@code state.change.logger}).
 */
public final class EmbeddedBroker implements AutoCloseable {

  /**
   * How long it may take to start, and how long clients had better wait for its first answers: some
   * seconds as a rule, more on a machine that does much else.
   */
  public static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final String HOST = "127.0.0.1";
  private static final int MAX_RECORD_BYTES = 2 << 20;
  private static final int ATTEMPTS = 3;

  private final KafkaRaftServer server;
  private final int port;
  private final BrokerDirectory directory;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedBroker(KafkaRaftServer server, int port, BrokerDirectory directory) {
    this.server = server;
    this.port = port;
    this.directory = directory;
  }

  /**
   * Starts a broker and returns once it serves clients.
   *
   * @param port where it listens on 127.0.0.1; 0 for any free port
   * @param directory keeps its data over restarts; null for a temporary directory that {@link
   *     #close} deletes, or the next start where the process was killed
   * @throws IOException with one line that says what is in the way: the port is taken, the
   *     directory cannot be written or belongs to a running broker
   */
  public static EmbeddedBroker start(int port, @Nullable Path directory) throws IOException {
    return start(port, directory, properties -> {});
  }

  /**
   * The same, with other properties.
   *
   * @param change of the broker's properties, before they are used
   */
  static EmbeddedBroker start(int port, @Nullable Path directory, Consumer<Properties> change)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      Ports ports = Ports.available(port);
      try {
        return start(ports, directory, change);
      } catch (BindException e) {
        // someone took a port between our look and the broker's
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private record Ports(int broker, int controller) {

    static Ports available(int wanted) throws IOException {
      InetAddress host = InetAddress.ofLiteral(HOST);
      // both at once, so that they differ
      try (ServerSocket broker = new ServerSocket();
          ServerSocket controller = new ServerSocket(0, 1, host)) {
        broker.setReuseAddress(true);
        broker.bind(new InetSocketAddress(host, wanted));
        return new Ports(broker.getLocalPort(), controller.getLocalPort());
      } catch (BindException e) {
        throw new BindException(
            "port " + wanted + " on " + HOST + " is not available for Kafka: " + oneLine(e));
      }
    }
  }

  private static EmbeddedBroker start(
      Ports ports, @Nullable Path directory, Consumer<Properties> change) throws IOException {
    BrokerDirectory locked =
        directory == null ? BrokerDirectory.temporary() : BrokerDirectory.kept(directory);
    Path data = locked.path();
    @Nullable KafkaRaftServer server = null;
    try {
      format(data);
      Properties properties = properties(ports, data);
      change.accept(properties);
      server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      server.startup();
      return new EmbeddedBroker(server, ports.broker(), locked);
    } catch (Exception | Error e) { // a process that is told to stop refuses Kafka its hooks
      if (server != null) {
        shutDown(server);
      }
      locked.close();
      if (e instanceof Error error) {
        throw error;
      }
      String why = oneLine(e);
      if (why.contains("failed to bind")) {
        throw new BindException(why);
      }
      throw new IOException("the embedded Kafka broker did not start in " + data + ": " + why, e);
    }
  }

  /** Where clients connect: {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return HOST + ":" + port;
  }

  Path directory() {
    return directory.path();
  }

  /**
   * Stops the broker, leaves none of its threads behind, and deletes its directory if it was a
   * temporary one. May be called from a shutdown hook; closing again has no effect.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      shutDown(server);
      try {
        directory.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot clean up " + directory.path(), e);
      }
    }
  }

  private static void shutDown(KafkaRaftServer server) {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(Path data) throws Exception {
    if (Files.exists(data.resolve("meta.properties"))) {
      return;
    }
    new Formatter()
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setDirectories(List.of(data.toString()))
        .setMetadataLogDirectory(data.toString())
        .setControllerListenerName("CONTROLLER")
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .run();
  }

  private static Properties properties(Ports ports, Path data) {
    String broker = "BROKER://" + HOST + ":" + ports.broker();
    String controller = HOST + ":" + ports.controller();
    Properties p = new Properties();
    p.put("process.roles", "broker,controller");
    p.put("node.id", "1");
    p.put("controller.quorum.voters", "1@" + controller);
    p.put("controller.listener.names", "CONTROLLER");
    p.put("listeners", broker + ",CONTROLLER://" + controller);
    p.put("advertised.listeners", broker);
    p.put("inter.broker.listener.name", "BROKER");
    p.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("log.dirs", data.toString());

    p.put("initial.broker.registration.timeout.ms", Long.toString(PATIENCE.toMillis()));

    p.put("auto.create.topics.enable", "false");
    p.put("message.max.bytes", Integer.toString(MAX_RECORD_BYTES));
    p.put("group.initial.rebalance.delay.ms", "0");

    p.put("default.replication.factor", "1");
    p.put("min.insync.replicas", "1");
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "1");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("transaction.state.log.num.partitions", "1");
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("share.coordinator.state.topic.num.partitions", "1");

    // a partition keeps at most 256 MiB and the segment being written, whatever its retention time
    p.put("log.segment.bytes", Integer.toString(64 << 20));
    p.put("log.retention.bytes", Integer.toString(256 << 20));
    p.put("log.retention.check.interval.ms", "30000");
    p.put("log.index.size.max.bytes", Integer.toString(1 << 20));
    p.put("log.cleaner.threads", "1");
    p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));

    p.put("num.network.threads", "2");
    p.put("num.io.threads", "2");
    p.put("num.recovery.threads.per.data.dir", "1");
    p.put("background.threads", "1");
    p.put("group.coordinator.threads", "1");
    p.put("share.coordinator.threads", "1");
    return p;
  }

  private static String oneLine(Throwable e) {
    Throwable root = e;
    while (root.getMessage() == null && root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}

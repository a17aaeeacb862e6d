package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A controller and some brokers, each a process on this machine, which can be stopped, killed and
 * started again. Every record has a copy on each broker, and must be on two if there are two.
 */
final class KafkaCluster implements AutoCloseable {
  private static final int CONTROLLER = 100;
  private static final Duration START = Duration.ofMinutes(2);

  private final Path directory;
  private final int controllerPort;
  private final Map<Integer, Integer> ports = new TreeMap<>();
  private final Map<Integer, Process> nodes = new HashMap<>();

  private KafkaCluster(Path directory, int controllerPort) {
    this.directory = directory;
    this.controllerPort = controllerPort;
  }

  /** Brokers 1 to {@code brokers}. */
  static KafkaCluster start(Path directory, int brokers) throws Exception {
    return start(directory, brokers, null);
  }

  /**
   * Broker 1, with a disk on which no file may become larger than that: the next write fails as it
   * does on a disk that is full.
   */
  static KafkaCluster startWithFilesUpTo(Path directory, long bytes) throws Exception {
    return start(directory, 1, bytes);
  }

  private static KafkaCluster start(Path directory, int brokers, @Nullable Long maxFileBytes)
      throws Exception {
    List<Integer> free = freePorts(brokers + 1);
    KafkaCluster cluster = new KafkaCluster(directory, free.getFirst());
    for (int broker = 1; broker <= brokers; broker++) {
      cluster.ports.put(broker, free.get(broker));
    }
    cluster.launch(CONTROLLER, null);
    for (int broker = 1; broker <= brokers; broker++) {
      cluster.launch(broker, maxFileBytes);
    }
    for (int node : List.copyOf(cluster.nodes.keySet())) {
      cluster.awaitServing(node);
    }
    return cluster;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  String bootstrapServers() {
    return ports.values().stream()
        .map(port -> "127.0.0.1:" + port)
        .collect(Collectors.joining(","));
  }

  int brokers() {
    return ports.size();
  }

  /** Starts a broker that was stopped, and waits until it serves. */
  void start(int broker) throws Exception {
    launch(broker, null);
    awaitServing(broker);
  }

  private void launch(int node, @Nullable Long maxFileBytes) throws Exception {
    List<String> command = new ArrayList<>();
    if (maxFileBytes != null) {
      command.addAll(
          List.of("bash", "-c", "ulimit -f " + maxFileBytes / 1024 + "; exec \"$@\"", "-"));
    }
    command.addAll(ChildJvm.command(KafkaNode.class, "-Xmx320m", "-XX:TieredStopAtLevel=1"));
    settings(node).forEach((name, value) -> command.add(name + "=" + value));
    Path said = said(node);
    Files.deleteIfExists(said);
    nodes.put(
        node,
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(said.toFile()))
            .start());
  }

  private Path said(int node) {
    return directory.resolve("node-" + node + ".txt");
  }

  private void awaitServing(int node) throws InterruptedException {
    MonitorUnderTest.await(
        "node " + node + " serves",
        START,
        () -> {
          try {
            String text = Files.readString(said(node));
            assertThat(process(node).isAlive()).as(text).isTrue();
            return text.contains("serving");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private Map<String, String> settings(int node) {
    String copies = Integer.toString(ports.size());
    String inSync = Integer.toString(Math.min(2, ports.size()));
    boolean controller = node == CONTROLLER;
    Map<String, String> s = new TreeMap<>();
    s.put("node.id", Integer.toString(node));
    s.put("process.roles", controller ? "controller" : "broker");
    s.put("controller.quorum.voters", CONTROLLER + "@127.0.0.1:" + controllerPort);
    s.put("controller.listener.names", "CONTROLLER");
    String address =
        controller
            ? "CONTROLLER://127.0.0.1:" + controllerPort
            : "BROKER://127.0.0.1:" + ports.get(node);
    s.put("listeners", address);
    s.put("advertised.listeners", address);
    s.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    s.put("inter.broker.listener.name", "BROKER");
    s.put("log.dirs", directory.resolve("data-" + node).toString());
    s.put("default.replication.factor", copies);
    s.put("min.insync.replicas", inSync);
    s.put("offsets.topic.replication.factor", copies);
    s.put("offsets.topic.num.partitions", "3");
    s.put("transaction.state.log.replication.factor", copies);
    s.put("transaction.state.log.min.isr", inSync);
    s.put("share.coordinator.state.topic.replication.factor", copies);
    s.put("share.coordinator.state.topic.min.isr", inSync);
    s.put("auto.create.topics.enable", "false");
    s.put("message.max.bytes", Integer.toString(2 << 20));
    s.put("group.initial.rebalance.delay.ms", "0");
    s.put("log.index.size.max.bytes", Integer.toString(1 << 20));
    s.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    return s;
  }

  /** SIGTERM: it hands over and ends. */
  void stop(int broker) throws InterruptedException {
    process(broker).destroy();
    awaitEnd(broker);
  }

  /** SIGKILL. */
  void kill(int broker) throws InterruptedException {
    process(broker).destroyForcibly();
    awaitEnd(broker);
  }

  /** Waits until it has ended, whatever the cause. */
  void awaitEnd(int broker) throws InterruptedException {
    assertThat(process(broker).waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private Process process(int node) {
    Process process = nodes.get(node);
    if (process == null) {
      throw new IllegalArgumentException("no node " + node);
    }
    return process;
  }

  @Override
  public void close() {
    nodes.values().forEach(process -> process.destroyForcibly().onExit().join());
  }
}

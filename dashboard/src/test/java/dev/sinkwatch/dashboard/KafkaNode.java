package dev.sinkwatch.dashboard;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** One node of a {@link KafkaCluster}, in a process of its own. */
final class KafkaNode {
  private static final String CLUSTER_ID = "c2lua3dhdGNoLXRlc3Q"; // any 16 bytes

  private KafkaNode() {}

  /** Its settings, {@code name=value} each. */
  public static void main(String[] settings) throws Exception {
    Map<String, String> all = new TreeMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      all.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Path directory = Path.of(all.getOrDefault("log.dirs", ""));
    if (!Files.exists(directory.resolve("meta.properties"))) {
      new Formatter()
          .setNodeId(Integer.parseInt(all.getOrDefault("node.id", "")))
          .setClusterId(CLUSTER_ID)
          .setDirectories(List.of(directory.toString()))
          .setMetadataLogDirectory(directory.toString())
          .setControllerListenerName("CONTROLLER")
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .run();
    }
    Properties properties = new Properties();
    properties.putAll(all);
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  server.shutdown();
                  server.awaitShutdown();
                }));
    server.startup();
    System.out.println("serving");
    server.awaitShutdown();
  }
}

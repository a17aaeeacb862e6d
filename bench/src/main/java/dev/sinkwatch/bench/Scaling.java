package dev.sinkwatch.bench;

import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.DeadLetters;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.KafkaShardSource;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How the rate of verdicts grows with the members of one group, each a process that judges on one
 * thread; a broker on loopback that holds all shards when they begin. Run by {@code bench/scaling}.
 */
final class Scaling {
  /** Verdicts that are left out on both sides: members that start, members that have run dry. */
  private static final double EDGE = 0.2;

  private Scaling() {}

  /** The number of shards for each number of members; or, of a member, {@code member BROKERS}. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("member")) {
      judge(KafkaSettings.of(arguments[1], "bench"));
      return;
    }
    int shards = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 512;
    System.out.println("| members, one thread each | shards of 1 MiB a second | of one |");
    System.out.println("| --- | --- | --- |");
    double one = 0;
    for (int members : new int[] {1, 2, 4}) {
      double rate = rate(members, shards);
      one = one == 0 ? rate : one;
      System.out.printf(Locale.ROOT, "| %d | %.0f | %.2f |%n", members, rate, rate / one);
    }
  }

  private static double rate(int members, int shards) throws Exception {
    List<Process> processes = new ArrayList<>();
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers(), "count");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      Throughput.publish(Throughput.MIXERS, shards, kafka);
      for (int member = 0; member < members; member++) {
        processes.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules=jdk.incubator.vector",
                    "-Xmx1g",
                    "-XX:ActiveProcessorCount=1",
                    "-Dslf4j.internal.verbosity=ERROR",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Scaling.class.getName(),
                    "member",
                    broker.bootstrapServers())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
      }
      return steadyRate(kafka, shards);
    } finally {
      processes.forEach(process -> process.destroyForcibly().onExit().join());
    }
  }

  /** Verdicts a second in the middle of them all. */
  private static double steadyRate(KafkaSettings kafka, int shards) {
    List<Long> millis = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Topics.VERDICTS));
      while (millis.size() < shards) {
        consumer
            .poll(Duration.ofMillis(20))
            .forEach(verdict -> {
              millis.add(verdict.timestamp());
            });
      }
    }
    millis.sort(null);
    int from = (int) (EDGE * shards);
    int to = shards - 1 - from;
    return 1e3 * (to - from) / (millis.get(to) - millis.get(from));
  }

  private static void judge(KafkaSettings kafka) throws Exception {
    try (DeadLetters deadLetters = new DeadLetters(kafka);
        RecordPublisher publisher = new RecordPublisher(kafka);
        KafkaShardSource source =
            new KafkaShardSource(kafka, new Ledger(), deadLetters, Topics.WEIGHTS)) {
      Throughput.pipeline(1)
          .verdicts(source)
          .flatMap(judged -> Throughput.publish(judged, publisher))
          .blockLast();
    }
  }
}

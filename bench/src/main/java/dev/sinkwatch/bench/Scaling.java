package dev.sinkwatch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.DeadLetters;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.KafkaShardSource;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.ShardKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * How the rate of verdicts grows with the members of one group, each a process that judges on one
 * thread and takes its time over it: so it is they that bound the rate, not the few cores that all
 * of them and the broker share. Run by {@code bench/scaling}.
 */
final class Scaling {
  private static final String GROUP = "bench";

  /** What a member takes for one snapshot: it waits, and leaves the processor to others. */
  private static final long NANOS_EACH = TimeUnit.MILLISECONDS.toNanos(50);

  private static final int PARTITIONS = 12;
  private static final int BLOCKS_A_PARTITION = 4;
  private static final int N = 16;

  /** Steps that come first, for which members load and compile their code. */
  private static final int WARM_UP = 4;

  private Scaling() {}

  /** The number of steps of 48 layers; or, of a member, {@code member BROKERS}. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("member")) {
      judge(KafkaSettings.of(arguments[1], GROUP));
      return;
    }
    int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    System.out.println(
        "| members, 50 ms a snapshot | snapshots a second | of one | most, by partitions |");
    System.out.println("| --- | --- | --- | --- |");
    double one = 0;
    for (int members : new int[] {1, 2, 4, 8, PARTITIONS}) {
      double rate = rate(members, steps);
      one = one == 0 ? rate : one;
      int share = Math.ceilDiv(PARTITIONS, members);
      System.out.printf(
          Locale.ROOT,
          "| %d | %.1f | %.2f | %.0f |%n",
          members,
          rate,
          rate / one,
          (double) PARTITIONS / share);
    }
  }

  private static double rate(int members, int steps) throws Exception {
    List<Process> processes = new ArrayList<>();
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = KafkaSettings.of(brokers, "count");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      for (int member = 0; member < members; member++) {
        processes.add(member(brokers));
      }
      awaitShares(brokers, members);
      List<String> layers = layers();
      try (ShardPublisher publisher = new ShardPublisher(kafka)) {
        publish(publisher, layers, 0, WARM_UP);
        long _ = last(kafka, WARM_UP * layers.size());
        long start = System.currentTimeMillis();
        publish(publisher, layers, WARM_UP, steps);
        long end = last(kafka, (WARM_UP + steps) * layers.size());
        return 1e3 * steps * layers.size() / (end - start);
      }
    } finally {
      processes.forEach(process -> process.destroyForcibly().onExit().join());
    }
  }

  private static Process member(String brokers) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dslf4j.internal.verbosity=ERROR",
            "-cp",
            System.getProperty("java.class.path"),
            Scaling.class.getName(),
            "member",
            brokers)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Until the partitions are shared by all members. */
  private static void awaitShares(String brokers, int members) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      while (!shared(admin, members)) {
        Thread.sleep(100);
      }
    }
  }

  private static boolean shared(Admin admin, int members) throws Exception {
    try {
      List<Integer> shares =
          admin.describeConsumerGroups(List.of(GROUP)).all().get().values().stream()
              .flatMap(group -> group.members().stream())
              .map(member -> member.assignment().topicPartitions().size())
              .toList();
      return shares.size() == members
          && shares.stream().allMatch(share -> share >= PARTITIONS / members)
          && shares.stream().mapToInt(Integer::intValue).sum() == PARTITIONS;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false; // nobody has joined yet
      }
      throw e;
    }
  }

  /** As many in each partition. */
  private static List<String> layers() {
    List<String> layers = new ArrayList<>();
    int[] blocks = new int[PARTITIONS];
    for (int block = 0; layers.size() < PARTITIONS * BLOCKS_A_PARTITION; block++) {
      String layer = "blocks." + block + ".mixer";
      byte[] key = ShardKey.of(GROUP, layer).getBytes(UTF_8);
      if (blocks[Utils.toPositive(Utils.murmur2(key)) % PARTITIONS]++ < BLOCKS_A_PARTITION) {
        layers.add(layer);
      }
    }
    return layers;
  }

  private static void publish(ShardPublisher publisher, List<String> layers, int from, int steps) {
    float[] mixer = new float[N * N];
    for (int i = 0; i < mixer.length; i++) {
      mixer[i] = i % (N + 1) == 0 ? 0.5f + 0.5f / N : 0.5f / N;
    }
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int step = from; step < from + steps; step++) {
      for (String layer : layers) {
        sent.add(
            publisher.publish(
                new Shard(
                    new SnapshotId(GROUP, 0, layer, step),
                    Shape.of(N, N),
                    new RowRange(0, N),
                    Dtype.F32,
                    MemorySegment.ofArray(mixer),
                    new Hints(Kind.DOUBLY_STOCHASTIC, null, null, null, null),
                    0)));
      }
    }
    sent.forEach(CompletableFuture::join);
  }

  /** Waits for so many verdicts; when the last was appended, milliseconds since 1970. */
  private static long last(KafkaSettings kafka, int verdicts) {
    long[] last = {0};
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Topics.VERDICTS)); // from the first one: nothing is committed
      for (int seen = 0; seen < verdicts; ) {
        var some = consumer.poll(Duration.ofMillis(100));
        some.forEach(verdict -> {
          last[0] = Math.max(last[0], verdict.timestamp());
        });
        seen += some.count();
      }
    }
    return last[0];
  }

  private static void judge(KafkaSettings kafka) throws Exception {
    try (DeadLetters deadLetters = new DeadLetters(kafka);
        RecordPublisher publisher = new RecordPublisher(kafka);
        KafkaShardSource source =
            new KafkaShardSource(kafka, new Ledger(), deadLetters, Topics.WEIGHTS)) {
      Throughput.pipeline(1)
          .verdicts(source)
          .doOnNext(judged -> {
            long end = System.nanoTime() + NANOS_EACH - judged.nanos(); // on the lane's own thread
            while (end - System.nanoTime() > 0) {
              LockSupport.parkNanos(end - System.nanoTime());
            }
          })
          .flatMap(judged -> Throughput.publish(judged, publisher))
          .blockLast();
    }
  }
}

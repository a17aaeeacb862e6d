package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code publish --watch} whose broker goes for longer than its producer waits, and comes back. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PublishWithoutKafkaTest {
  @TempDir private Path scratch;

  @Test
  void whatCouldNotBePublishedIsPublishedOnceKafkaIsBackInTheOrderOfTheSteps() throws Exception {
    Path checkpoints = Files.createDirectory(scratch.resolve("checkpoints"));
    EmbeddedBroker broker = EmbeddedBroker.start(0, scratch.resolve("kafka"));
    String address = broker.bootstrapServers();
    try (WatchingPublisher publisher =
        new WatchingPublisher(
            address,
            checkpoints,
            "patient",
            scratch.resolve("published"),
            "--set=kafka.max.block.ms=2000",
            "--set=kafka.request.timeout.ms=1500",
            "--set=kafka.delivery.timeout.ms=2000")) {
      write(checkpoints, 1);
      publisher.says("step 1 of run patient published, 1 tensors in 1 shards");
      broker.close();
      write(checkpoints, 2);
      publisher.says("step 2 of run patient is not published: Kafka");
      write(checkpoints, 3);

      broker =
          EmbeddedBroker.start(
              Integer.parseInt(address.replaceAll(".*:", "")), scratch.resolve("kafka"));
      publisher.says("step 2 of run patient published, 1 tensors in 1 shards");
      publisher.says("step 3 of run patient published, 1 tensors in 1 shards");
      assertThat(publisher.said().lines().filter(line -> line.contains("of run patient")))
          .map(line -> line.replaceAll(".*(step [0-9] of run patient \\w+ ?\\w*).*", "$1"))
          .containsExactly(
              "step 1 of run patient published",
              "step 2 of run patient is not",
              "step 2 of run patient published",
              "step 3 of run patient published");
      assertThat(records(address)).isEqualTo(3);
    } finally {
      broker.close();
    }
  }

  private static long records(String address) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", address),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.WEIGHTS).stream()
              .map(p -> new TopicPartition(Topics.WEIGHTS, p.partition()))
              .toList();
      return consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static void write(Path checkpoints, int step) throws IOException {
    Path file = checkpoints.resolve("step-" + step + "/model.safetensors");
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    SafetensorsWriter.write(
        file, Map.of(), List.of(Tensor.of("blocks.0.mixer", Shape.of(2, 2), .7, .3, .3, .7)));
  }
}

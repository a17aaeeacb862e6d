package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConsumerLoopTest {

  @Test
  void anEndIsToldThoughMemoryRunsOutAgainOnTheWay() throws Exception {
    CompletableFuture<@Nullable IOException> told = new CompletableFuture<>();
    ConsumerLoop loop = new ConsumerLoop(new Exhausted(), "t", new OutOfMemory(told));
    loop.start();
    IOException failure = told.get(30, TimeUnit.SECONDS);
    assertThat(failure).hasMessage("t: no heap when ready").hasNoSuppressedExceptions();
    assertThat(loop.stopped()).isTrue();
  }

  /** Has no memory left even to be closed. */
  private static final class Exhausted extends MockConsumer<byte[], byte[]> {
    Exhausted() {
      super("earliest");
    }

    @Override
    public void close(CloseOptions options) {
      throw new OutOfMemoryError("no heap when closed");
    }
  }

  private record OutOfMemory(CompletableFuture<@Nullable IOException> told)
      implements ConsumerLoop.Work {
    @Override
    public boolean ready() {
      throw new OutOfMemoryError("no heap when ready");
    }

    @Override
    public void records(ConsumerRecords<byte[], byte[]> records) {}

    @Override
    public void finish() {
      throw new OutOfMemoryError("no heap when finished");
    }

    @Override
    public void ended(@Nullable IOException failure) {
      told.complete(failure);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
  }
}

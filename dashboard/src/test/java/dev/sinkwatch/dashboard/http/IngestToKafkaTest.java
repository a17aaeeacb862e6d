package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SafetensorsBody;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots over HTTP when Kafka is slow, away, or says no. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IngestToKafkaTest {
  @AutoClose private DoorUnderTest door = Upload.door(Upload.SHORT);

  @Test
  void moreThanMayBeAtOnceAreToldToComeAgainAndThenTheyMay() throws Exception {
    door.shards.hold();
    door.close();
    door = Upload.door(new UploadLimits(2, 16 << 20, 4 << 20, 60_000, 1000, 60_000));
    door.shards.hold();
    try (ExecutorService clients = Executors.newCachedThreadPool()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        answers.add(clients.submit(posting()));
      }
      Awaited.until(() -> door.shards.kept.size() == 4);
      HttpResponse<String> third = Upload.post(door, Upload.BODY);
      Upload.refused(third, 429, "busy");
      assertThat(third.headers().firstValue("Retry-After")).hasValue("2");
      assertThat(answers).noneMatch(Future::isDone);
      door.shards.release();
      for (Future<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().statusCode()).isEqualTo(202);
      }
    }
    assertThat(Upload.post(door, Upload.BODY).statusCode()).isEqualTo(202);
    door.shards.full = true;
    Upload.refused(Upload.post(door, Upload.BODY), 429, "busy");
  }

  private Callable<HttpResponse<String>> posting() {
    return () -> Upload.post(door, Upload.BODY);
  }

  @Test
  void whatKafkaDoesNotTakeInTimeIsNotAccepted() throws Exception {
    door.shards.hold();
    HttpResponse<String> late = Upload.post(door, Upload.BODY);
    Upload.refused(late, 503, "kafka-unavailable");
    assertThat(late.headers().firstValue("Retry-After")).hasValue("10");
    door.shards.release();
    for (Throwable passing : List.of(new TimeoutException("gone"), new KafkaException("gone"))) {
      door.shards.fail(passing);
      HttpResponse<String> failed = Upload.post(door, Upload.BODY);
      Upload.refused(failed, 503, "kafka-unavailable");
      assertThat(failed.headers().firstValue("Retry-After")).hasValue("10");
      assertThat(failed.body()).contains("Kafka, topic: gone");
    }
  }

  @Test
  void whatKafkaWillNeverTakeIsNotAskedForAgain() throws Exception {
    door.shards.fail(new CompletionException(new RecordTooLargeException("a large one")));
    HttpResponse<String> large = Upload.post(door, Upload.BODY);
    Upload.refused(large, 413, "record-too-large");
    assertThat(large.headers().firstValue("Retry-After")).isEmpty();
    door.shards.fail(new TopicAuthorizationException("no right to write"));
    HttpResponse<String> refused = Upload.post(door, Upload.BODY);
    Upload.refused(refused, 502, "kafka-refused");
    assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
    assertThat(refused.body()).contains("Kafka, topic: no right to write");
    assertThat(door.shards.ends)
        .containsExactly("too-large record-too-large", "refused kafka-refused");
  }

  @Test
  void aClientSendsNoFasterThanKafkaTakes() throws Exception {
    door.close();
    door = Upload.door(new UploadLimits(2, 16 << 20, 2 << 20, 60_000, 1000, 60_000));
    door.shards.hold();
    int rows = 16 << 20 >> 12;
    byte[] body = new SafetensorsBody().matrix("w", 1024, new float[rows * 1024]).bytes();
    try (ExecutorService client = Executors.newSingleThreadExecutor()) {
      Future<HttpResponse<String>> answer = client.submit(() -> Upload.post(door, body));
      Awaited.until(() -> door.shards.heldBytes() > (2 << 20) - ShardCutter.DEFAULT_BYTES);
      long before;
      do { // until nothing more comes
        before = door.shards.received.get();
        Thread.sleep(500);
      } while (before != door.shards.received.get());
      System.out.printf(
          "with %d bytes not acknowledged, %d of %d have been read%n",
          door.shards.heldBytes(), before, body.length);
      assertThat(door.shards.heldBytes()).isLessThanOrEqualTo(2 << 20);
      assertThat(before).isLessThan(5 << 20);
      assertThat(answer.isDone()).isFalse();
      door.shards.release();
      assertThat(answer.get().statusCode()).isEqualTo(202);
    }
    assertThat(door.shards.kept).hasSize((16 << 20) / ShardCutter.DEFAULT_BYTES + 1);
  }
}

package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.embedded.SharedBroker;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A body larger than the heap of the monitor that takes it; than 2 GiB where tests may be long. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LargeUploadTest {
  private static final long BYTES =
      Boolean.getBoolean("sinkwatch.long") ? (2L << 30) + (300 << 20) : 300L << 20;
  private static final int COLUMNS = 1024;

  @TempDir private Path directory;

  @Test
  void aBodyLargerThanTheHeapIsTakenInBoundedMemory() throws Exception {
    Path socket = directory.resolve("s");
    MonitorProcess monitor =
        MonitorProcess.start(
            directory,
            SharedBroker.bootstrapServers(),
            Map.of("group", "large-upload", "http.unix-socket", socket.toString()));
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(monitor.page().resolve("/api/v1/runs/large/steps/1"))
              .header("Content-Type", "application/octet-stream")
              .POST(BodyPublishers.ofInputStream(LargeUploadTest::body))
              .build();
      long before = monitor.peakResidentMib();
      long begun = System.nanoTime();
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      double seconds = 1e-9 * (System.nanoTime() - begun);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
      JsonNode receipt = new ObjectMapper().readTree(response.body());
      assertThat(receipt.path("bytes").asLong()).isEqualTo(BYTES);
      assertThat(receipt.path("tensors").asInt()).isEqualTo(1);
      assertThat(receipt.path("shards").asLong())
          .isEqualTo((BYTES + (768 << 10) - 1) / (768 << 10));
      System.out.printf(
          Locale.ROOT,
          "a body of %d MiB, heap 256 MiB: %.1f s, %.0f MiB/s, resident at most %d MiB, %d before%n",
          BYTES >> 20,
          seconds,
          (BYTES >> 20) / seconds,
          monitor.peakResidentMib(),
          before);
      assertThat(monitor.value("sinkwatch_http_ingest_bytes_total")).isGreaterThan((double) BYTES);
      assertThat(monitor.said()).doesNotContain("OutOfMemory");
      assertThat(Files.exists(socket)).isTrue();
      monitor.stop();
      assertThat(Files.exists(socket)).isFalse();
    } finally {
      monitor.kill();
    }
  }

  /** One tensor, which the monitor is told to ignore: what becomes of it is another's test. */
  private static InputStream body() {
    byte[] head =
        SafetensorsBody.head(
            "{'__metadata__':{'sinkwatch.kind':'ignore'},"
                + "'w':{'dtype':'F32','shape':[%d,%d],'data_offsets':[0,%d]}}"
                    .formatted(BYTES / 4 / COLUMNS, COLUMNS, BYTES));
    return new SequenceInputStream(new ByteArrayInputStream(head), new Zeros(BYTES));
  }

  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long bytes) {
      left = bytes;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      left -= count;
      return count;
    }
  }
}

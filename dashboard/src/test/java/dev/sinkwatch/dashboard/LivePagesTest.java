package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What twenty live pages cost a monitor at ten verdicts a second, in turns with none. What it comes
 * to is printed; that each page hears of everything is asserted.
 */
@EnabledIfSystemProperty(named = "sinkwatch.long", matches = "true")
class LivePagesTest {
  private static final int PAGES = 20;
  private static final int ROUNDS = 3;
  private static final Duration TURN = Duration.ofSeconds(20);
  private static final Duration WARM_UP = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Two mixers five times a second. */
  private static final SnapshotJob.Load LOAD =
      new SnapshotJob.Load(2, 16, 200, Long.MAX_VALUE, new Hints(null, null, null, 2, null));

  @TempDir private Path directory;

  @Test
  @Timeout(900)
  void costLittle() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null);
        MonitorProcess monitor =
            MonitorProcess.startToMeasure(directory, broker.bootstrapServers(), Map.of())) {
      MonitorUnderTest.await("it is ready", PATIENCE, monitor::ready);
      try (SnapshotJob job =
          new SnapshotJob(KafkaSettings.of(broker.bootstrapServers(), "unused"), LOAD)) {
        Thread.sleep(WARM_UP);
        double without = 0;
        double with = 0;
        double loop = 0;
        for (int round = 0; round < ROUNDS; round++) {
          without += cpuSeconds(monitor, TURN);
          try (Pages pages = new Pages(monitor.page(), PAGES)) {
            MonitorUnderTest.await(
                "all pages are there",
                PATIENCE,
                () -> monitor.value("sinkwatch_stream_clients") == PAGES);
            double before = monitor.threadSeconds("vert.x-eventloo");
            with += cpuSeconds(monitor, TURN);
            loop += monitor.threadSeconds("vert.x-eventloo") - before;
            MonitorUnderTest.await("each page hears", PATIENCE, () -> pages.leastVerdicts() >= 10);
          }
          MonitorUnderTest.await(
              "they are gone", PATIENCE, () -> monitor.value("sinkwatch_stream_clients") == 0);
        }
        double seconds = ROUNDS * (double) TURN.toSeconds();
        System.out.printf(
            Locale.ROOT,
            "%d live pages at ten verdicts a second over %.0f s: the monitor takes %.1f %% of a"
                + " core with them and %.1f %% without; the thread that writes to them %.1f %%%n",
            PAGES,
            seconds,
            100 * with / seconds,
            100 * without / seconds,
            100 * loop / seconds);
        job.stop();
        assertThat(monitor.value("sinkwatch_stream_events_dropped_total")).isZero();
      }
    }
  }

  private static double cpuSeconds(MonitorProcess monitor, Duration turn) throws Exception {
    double before = monitor.value("process_cpu_seconds_total");
    Thread.sleep(turn);
    return monitor.value("process_cpu_seconds_total") - before;
  }

  /** Clients that read the stream of events as it comes. */
  private static final class Pages implements AutoCloseable {
    private final List<Socket> sockets = new ArrayList<>();
    private final List<AtomicLong> verdicts = new ArrayList<>();

    Pages(URI page, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        Socket socket = new Socket();
        sockets.add(socket);
        AtomicLong seen = new AtomicLong();
        verdicts.add(seen);
        socket.connect(new InetSocketAddress(page.getHost(), page.getPort()));
        socket
            .getOutputStream()
            .write("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
        Thread.ofVirtual().start(() -> read(socket, seen));
      }
    }

    private static void read(Socket socket, AtomicLong seen) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.equals("event: verdict")) {
            seen.incrementAndGet();
          }
        }
      } catch (IOException e) {
        // the page is closed
      }
    }

    /** What the page that heard least has heard. */
    long leastVerdicts() {
      return verdicts.stream().mapToLong(AtomicLong::get).min().orElse(0);
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}

package dev.sinkwatch.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class InterleavingsTest {

  @Test
  @Timeout(1800)
  void noneIsForbidden() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dsinkwatch.long=" + System.getProperty("sinkwatch.long"),
                "-cp",
                System.getProperty("java.class.path"),
                Interleavings.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void theModelIsTheQueueForOneThread() {
    Interleavings.Prefix model = new Interleavings.Prefix();
    Interleavings.Shared shared = new Interleavings.Shared();
    for (int index : new int[] {1, 3, 0, 2}) {
      assertThat(shared.receive()).isEqualTo(model.receive());
      model.complete(index);
      shared.complete(index);
      assertThat(shared.committable()).isEqualTo(model.committable());
      assertThat(shared.pending()).isEqualTo(model.pending());
    }
  }
}

package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SafetensorsBody;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/** A snapshot over HTTP as a job sends it, for tests. */
final class Upload {
  static final String PATH = "/api/v1/runs/job/steps/7";
  static final int MAX_BODY = 32 << 20;

  /** Short, so that what is late is late soon; two at once. */
  static final UploadLimits SHORT = new UploadLimits(2, 16 << 20, 4 << 20, 1000, 1000, 1000);

  static final byte[] BODY =
      new SafetensorsBody()
          .metadata("'sinkwatch.learning-rate':'1e-3'")
          .matrix("a", 2, 1, 0, 0, 1)
          .matrix("b", 2, 0, 1, 1, 0)
          .bytes();

  private Upload() {}

  static DoorUnderTest door(UploadLimits limits) {
    return new DoorUnderTest(
        new HttpSettings(new Endpoint("127.0.0.1", 0), null, null, null, MAX_BODY), limits);
  }

  static HttpRequest.Builder request(
      DoorUnderTest door, String path, HttpRequest.BodyPublisher body) {
    return door.request(path).header("Content-Type", "application/octet-stream").POST(body);
  }

  static HttpResponse<String> post(DoorUnderTest door, byte[] body) throws Exception {
    return door.send(request(door, PATH, BodyPublishers.ofByteArray(body)));
  }

  /** Asserts that it was, with a reason and one line about it. */
  static void refused(HttpResponse<String> response, int status, String reason) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(DoorUnderTest.json(response).path("error").asText()).isEqualTo(reason);
    assertThat(DoorUnderTest.json(response).path("message").asText())
        .isNotEmpty()
        .doesNotContain("\n");
  }
}

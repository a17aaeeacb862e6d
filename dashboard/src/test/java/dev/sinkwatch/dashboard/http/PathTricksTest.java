package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that mean one thing to whoever asks for credentials and another to whoever answers. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PathTricksTest {
  private static final String SECRET = "secret-run";
  private static final Set<Integer> A_PATH = Set.of(400, 401, 421);

  /** Nothing can be routed there. */
  private static final Set<Integer> NO_PATH = Set.of(400, 404);

  @TempDir private static Path directory;
  private static DoorUnderTest guarded;
  private static DoorUnderTest open;

  @BeforeAll
  static void open() throws Exception {
    Path users =
        TestUsers.write(
            directory.resolve("users.yaml"),
            TestUsers.line("alice", "correct horse", "role: viewer"));
    guarded =
        new DoorUnderTest(
            new HttpSettings(new Endpoint("127.0.0.1", 0), null, users), 15_000, Limits.DEFAULT);
    open = new DoorUnderTest();
    for (DoorUnderTest door : new DoorUnderTest[] {guarded, open}) {
      new SinkingRun(SECRET, 4, 1, 1000, door.history, door.events).step(1, 0.5);
    }
  }

  @AfterAll
  static void close() {
    guarded.close();
    open.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/health/live/../../api/v1/runs",
        "/health/live/..%2f..%2fapi/v1/runs",
        "/health/live/%2e%2e/%2e%2e/api/v1/runs",
        "/health/ready/.././../api/v1/runs",
        "/health/live;x",
        "/health/live;/../../api/v1/runs",
        "/health/live/",
        "/health//live",
        "/health/live%00",
        "/health/live%2f..%2f..%2fapi%2fv1%2fruns",
        "//api/v1/runs",
        "///api/v1/runs",
        "/./api/v1/runs",
        "/api/v1/runs/",
        "/api//v1/runs",
        "/%61pi/v1/runs",
        "/API/v1/runs",
        "/api/v1/runs?/health/live",
        "/api/v1/runs#/health/live",
        "/api/v1/runs/secret-run",
        "/api/v1/runs/secret%2drun",
        "/api/v1/runs/x%2f..%2fsecret-run",
        "/x/..;/api/v1/runs",
        "/metrics/",
        "/\\api\\v1\\runs",
        "http://localhost/api/v1/runs",
        "http://localhost/health/live/../../api/v1/runs",
        "http://health/live",
        "*",
        "health/live",
        "/assets/..%2f..%2fapi/v1/runs"
      })
  void noneLeadsPastTheQuestionWhoItIs(String path) throws Exception {
    for (String method : new String[] {"GET", "HEAD", "POST", "OPTIONS", "TRACE", "FOO"}) {
      RawRequest.Answer answer =
          guarded.raw(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
      boolean routable = path.startsWith("/") || path.startsWith("http:");
      assertThat(answer.status()).as(method).isIn(routable ? A_PATH : NO_PATH);
      nothingLeaks(answer);
      assertThat(answer.body()).doesNotContain(SECRET).doesNotContain("live");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/..%2f..%2f..%2fetc/passwd",
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../web/index.html",
        "/assets/..%2fweb/app.js",
        "/assets/%2e%2e/index.html",
        "/assets//etc/passwd",
        "/assets/app.js%00.css",
        "/assets/app.js/..",
        "/assets/.../...//app.js",
        "/web/app.js",
        "/META-INF/MANIFEST.MF",
        "/dev/sinkwatch/dashboard/Main.class",
        "/log4j2.xml",
        "/api/v1/runs/..%2f..%2fetc%2fpasswd",
        "/api/v1/runs/%00",
        "/api/v1/runs/%c0%ae%c0%ae",
        "/api/v1/runs/%ff",
        "/api/v1/runs/<script>alert(1)</script>",
        "/api/v1/runs/a%0d%0aSet-Cookie:%20x=1",
        "/api/v1/runs/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd"
      })
  void noneLeadsToAFile(String path) throws Exception {
    RawRequest.Answer answer = open.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(answer.status()).isIn(400, 404);
    nothingLeaks(answer);
    assertThat(answer.headers()).doesNotContain("set-cookie");
  }

  /** Neither what runs here nor where it went wrong. */
  private static void nothingLeaks(RawRequest.Answer answer) {
    assertThat(answer.headers() + answer.body())
        .doesNotContainIgnoringCase("server:")
        .doesNotContainIgnoringCase("vert")
        .doesNotContainIgnoringCase("netty")
        .doesNotContain("Exception", "\tat ", "root:", "<html", "<script");
  }
}

package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The parts of the page. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageRoutesTest {
  @AutoClose private final DoorUnderTest door = new DoorUnderTest();

  @Test
  void thePageBringsEverythingItNeedsAndAllowsNothingElse() throws Exception {
    HttpResponse<String> page = door.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(policy ->
            assertThat(policy)
                .contains("default-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe"));
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    assertThat(page.body()).doesNotContain("http://", "https://", "<style", "onclick");
    List<String> seen = new ArrayList<>();
    List<String> ahead = new ArrayList<>(List.of("/"));
    while (!ahead.isEmpty()) {
      String path = ahead.removeFirst();
      HttpResponse<String> part = door.get(path);
      assertThat(part.statusCode()).as(path).isEqualTo(200);
      seen.add(path);
      java.util.regex.Pattern.compile("(?:href=|src=|from )[\"'](/[^\"'#]+)[\"']")
          .matcher(part.body())
          .results()
          .map(found -> found.group(1))
          .filter(found -> !seen.contains(found) && !ahead.contains(found))
          .forEach(ahead::add);
    }
    assertThat(seen).contains("/assets/app.js", "/assets/uplot.js", "/assets/app.css");
  }

  @Test
  void aPartThatIsStillTheSameIsNotSentAgain() throws Exception {
    HttpResponse<String> first = door.get("/assets/app.js");
    assertThat(first.headers().firstValue("Content-Type"))
        .hasValue("text/javascript; charset=utf-8");
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> again =
        door.send(door.request("/assets/app.js").header("If-None-Match", tag));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }
}

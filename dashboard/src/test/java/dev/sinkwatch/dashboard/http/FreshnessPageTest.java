package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How old what one looks at is. */
class FreshnessPageTest {
  private static final long TWO_HOURS = 7_200_000;
  private static final Pattern JUST_NOW = Pattern.compile("live · last snapshot \\d+ s ago");
  private static final String LONG_AGO = "live · last snapshot 2 h ago";

  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void thePageOfARunTellsTheAgeOfItsOwnLastSnapshot() {
    SinkingRun old = run("old", PageUnderTest.now() - TWO_HOURS);
    SinkingRun fresh = run("fresh", PageUnderTest.now());
    old.step(1, 0.9);
    fresh.step(1, 0.9);
    Locator connection = page.at("#connection-text");
    page.visit("#run=old");
    assertThat(connection).hasText(LONG_AGO);
    page.visit("#run=fresh");
    assertThat(connection).hasText(JUST_NOW);
    page.visit("#view=overview");
    assertThat(connection).hasText(JUST_NOW);
    page.run("old").locator("a").click();
    assertThat(connection).hasText(LONG_AGO);
  }

  @Test
  void whatOtherRunsSendMakesItNoFresher() {
    SinkingRun old = run("old", PageUnderTest.now() - TWO_HOURS);
    SinkingRun fresh = run("fresh", PageUnderTest.now());
    old.step(1, 0.9);
    Locator connection = page.at("#connection-text");
    page.visit("#run=old");
    assertThat(connection).hasText(LONG_AGO);
    fresh.step(1, 0.9);
    old.accept(old.dense("lm_head.weight", 2, 3, 2));
    assertThat(page.at("#dense tbody tr")).hasCount(1); // which came behind it
    assertThat(connection).hasText(LONG_AGO);
    run("old", PageUnderTest.now()).step(3, 0.9);
    assertThat(connection).hasText(JUST_NOW);
  }

  private SinkingRun run(String name, long startMillis) {
    return new SinkingRun(name, 4, 2, startMillis, page.history, page.events);
  }
}

package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How the monitor itself does. */
class HealthPageTest {
  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void theMonitorTellsHowItIs() {
    page.visit("#view=health");
    assertThat(page.at("#health-tiles")).containsText("ready");
    assertThat(page.at("#health-tiles")).containsText("version test");
    assertThat(page.at("#rejected")).containsText("Nothing was rejected.");
    assertThat(page.at("#outcomes")).containsText("No shard has come yet.");
    assertThat(page.at("#health-more")).containsText("0 expired before they were received");
    assertThat(page.at("#health-charts canvas")).hasCount(2); // after a second reading
    page.picture("health");
  }

  @Test
  void viewsAreOneClickApart() {
    page.sunk();
    page.visit();
    page.at("nav a").filter(PageUnderTest.containing("Health")).click();
    assertThat(page.at("#health-tiles")).isVisible();
    page.at("nav a").filter(PageUnderTest.containing("Alarms")).click();
    assertThat(page.at("#all-alarms .group").first()).containsText("mhc-small");
    page.at("nav a").filter(PageUnderTest.containing("Runs")).click();
    assertThat(page.at("#runs tbody tr")).hasCount(1);
    page.page.goBack();
    assertThat(page.at("#all-alarms .group").first()).isVisible();
  }
}

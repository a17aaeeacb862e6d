package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.sinkwatch.dashboard.SinkingRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The alarms of all runs, and what is silenced of them. */
class AlarmsPageTest {
  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void alarmsOfAllRunsAreGroupedWithTheirReasons() {
    SinkingRun run = page.sunk();
    page.visit("#view=alarms");
    Locator trap = page.at(".group").filter(PageUnderTest.containing("HomogeneityTrap")).first();
    assertThat(trap).containsText("in mhc-small on 12 layers");
    assertThat(trap).containsText("9 more");
    assertThat(page.at("#all-alarms .changes li").first()).containsText("became");
    trap.locator("a.place").nth(1).click();
    assertThat(page.at("#layer-name")).containsText("transformer.h.");
    page.page.goBack();
    for (int step = PageUnderTest.STEPS + 1; step <= PageUnderTest.STEPS + 9; step++) {
      run.step(step, 0.9);
    }
    assertThat(trap).isHidden(); // it is over, live
    assertThat(page.at("#all-alarms .changes")).containsText("became inactive");
  }

  @Test
  void anAlarmIsSilencedForAWhileWithAReasonAndTheSilenceIsEnded() {
    page.sunk();
    page.visit("#view=alarms");
    Locator trap = page.at(".group").filter(PageUnderTest.containing("HomogeneityTrap")).first();
    trap.locator("button").click();
    assertThat(page.at("#silence")).isVisible();
    page.at("#silence-form .primary").click();
    assertThat(page.at("#silence")).isVisible(); // a reason is wanted
    page.at("#silence-reason").fill("an ablation that shall collapse");
    page.picture("silence");
    page.at("#silence-form .primary").click();
    assertThat(page.at("#silence")).isHidden();
    assertThat(trap).containsText("silenced for");
    assertThat(page.at("#silences")).containsText("by anonymous: an ablation that shall collapse");
    page.picture("silenced");
    assertThat(page.silences.standing()).hasSize(1);
    page.at("#silences button").click();
    assertThat(page.at("#silences-none")).isVisible();
    assertThat(trap.locator("button")).isVisible();
    assertThat(page.silences.standing()).isEmpty();
  }

  @Test
  void whatTheMonitorRefusesIsSaid() {
    page.sunk();
    page.kept.fail("the disk is full");
    page.visit("#run=mhc-small");
    page.at("#alarms .group button").first().click();
    page.at("#silence-reason").fill("known");
    page.at("#silence-form .primary").click();
    assertThat(page.at("#silence-error")).containsText("the disk is full");
    page.at("#silence-cancel").click();
    assertThat(page.at("#silence")).isHidden();
    page.complaints.removeIf(line -> line.contains("503"));
  }
}

package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.BoundingBox;
import dev.sinkwatch.dashboard.SinkingRun;
import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One run: what is wrong, where, since when. */
class RunPageTest {
  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void aRunThatSinksIsSeenAtAGlance() {
    SinkingRun sinking = page.sunk();
    page.visit("#run=mhc-small");
    assertThat(page.at("#run-name")).hasText("mhc-small");
    assertThat(page.at("#run-about")).containsText("tokenbender, exact");
    Locator trap =
        page.at(".group.critical").filter(PageUnderTest.containing("HomogeneityTrap")).first();
    assertThat(trap).containsText("firing since step");
    String reason =
        page.history.run("mhc-small").orElseThrow().get("alarms").get(0).get("reason").asText();
    assertThat(page.at(".alarm").first()).containsText(reason);
    assertThat(page.at("#tiles")).containsText("of 12");
    assertThat(page.at("#operators tbody tr")).hasCount(12);
    assertThat(page.at("#operators tbody tr").first()).containsText(sinking.layer(0));
    assertThat(page.at("#dense tbody tr")).hasCount(2);
    assertThat(page.at("#charts canvas")).hasCount(4);
    page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(1) > 0.01);
    assertThat(page.pixels(PageUnderTest.CELLS).get(0)).as("drawn").isGreaterThan(0.5);
    assertThat(page.pixels("#heatmap .strip").get(1)).as("marks of alarms").isPositive();
    assertThat(page.page.title()).matches("\\(\\d+\\) mhc-small – sinkwatch");
  }

  @Test
  void whatHappensShowsWithoutReadingEverythingAgain() {
    SinkingRun run = page.run("live", 6);
    for (int step = 1; step <= 20; step++) {
      run.step(step, 0.9);
    }
    page.visit();
    assertThat(page.at("#operators tbody tr").first()).containsText("0.900");
    assertThat(page.at("#lines canvas")).hasCount(1);
    page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(0) > 0.5);
    page.requests.clear();
    run.step(21, 0.432);
    assertThat(page.at("#operators tbody tr").first()).containsText("0.432");
    assertThat(page.at("#tiles .tile").first()).containsText("21");
    assertThat(page.at("#alarms")).containsText("No alarm is pending or firing");
    assertThat(page.pixels(PageUnderTest.CELLS).get(1)).isZero();
    for (int step = 22; step <= 30; step++) {
      run.step(step, 0.02);
    }
    assertThat(page.at(".alarm.critical").first()).isVisible();
    page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(1) > 0);
    assertThat(page.requests)
        .noneMatch(url -> url.contains("/runs/live/grid") || url.endsWith("/runs/live"));
  }

  @Test
  void aBrokenConnectionIsSeenAndWhatWasMissedIsFilledIn() throws IOException {
    SinkingRun run = page.sunk();
    page.visit();
    assertThat(page.at("#connection")).containsText("live");
    page.restart(() -> {
      assertThat(page.at("#connection")).containsText("reconnecting");
      assertThat(page.at("#broken")).containsText("is broken");
      page.picture("disconnected");
      // before the new monitor listens: only reading again shows it
      run.step(PageUnderTest.STEPS + 1, 0.4444);
    });
    assertThat(page.at("#connection")).containsText("live");
    assertThat(page.at("#broken")).isHidden();
    assertThat(page.at("#operators tbody tr").first()).containsText("0.444");
    page.complaints.removeIf(line -> line.contains("ERR_CONNECTION_REFUSED"));
  }

  @Test
  void theNetworkIsSeenAsItWasAtAChosenStep() {
    page.sunk();
    page.visit("#run=mhc-small");
    Locator along = page.at("#charts figure").last();
    assertThat(along).containsText("along the network at step " + PageUnderTest.STEPS);
    Locator depth = page.at("#charts .u-over").first();
    depth.scrollIntoViewIfNeeded();
    BoundingBox box = depth.boundingBox();
    page.page.mouse().click(box.x + box.width * 0.25, box.y + 40);
    assertThat(along).not().containsText("at step " + PageUnderTest.STEPS);
    assertThat(along).containsText(Pattern.compile("at step (29|3\\d)"));
    assertThat(page.fragment()).containsPattern("step=\\d+");
    page.visit(page.fragment());
    assertThat(along).containsText(Pattern.compile("at step (29|3\\d)"));
    page.at("#step-latest").click();
    assertThat(along).containsText("at step " + PageUnderTest.STEPS);
    page.at("#charts figure").last().scrollIntoViewIfNeeded();
    assertThat(along).containsText("critical");
  }

  @Test
  void chosenLayersAreDrawnAsLines() {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small");
    assertThat(page.at("#lines .chart-title")).containsText("lowest");
    page.at("#operators tbody tr").nth(3).locator("input").check();
    assertThat(page.at("#lines .chart-legend")).containsText(run.layer(3));
    assertThat(page.at("#lines .chart-title")).containsText("the chosen layers");
    assertThat(page.at("#lines .chart-legend")).containsText(run.layer(11)); // it was there
    assertThat(page.fragment()).endsWith("&pin=" + run.layer(3));
    page.at("#operators tbody tr").nth(11).locator("input").uncheck();
    assertThat(page.at("#lines .chart-legend")).not().containsText(run.layer(11));
    page.visit(page.fragment());
    assertThat(page.at("#lines .chart-legend")).containsText(run.layer(3));
    assertThat(page.at("#lines .chart-legend")).not().containsText(run.layer(11));
  }

  @Test
  void aRunThatIsForgottenSaysSo() {
    page.run("kept", 2).step(1, 0.5);
    page.run("lost", 2).step(1, 0.5);
    page.visit("#run=lost");
    assertThat(page.at("#run-name")).hasText("lost");
    assertThat(page.at("#lines canvas")).hasCount(1);
    assertThat(page.at("#charts canvas")).hasCount(4);
    page.history.forgotten("lost");
    page.events.forgotten("lost");
    assertThat(page.at("#run-unknown")).containsText("No run lost");
    page.run("lost", 2).step(2, 0.5);
    assertThat(page.at("#run-name")).isVisible(); // it came back
  }

  @Test
  void namesOfLayersAreTextAndNothingElse() {
    SinkingRun run = page.run("untrusted", 1);
    String name = "h.0.<img src=x onerror=alert(1)>&amp;\"'";
    for (int step = 1; step <= 9; step++) {
      run.accept(run.mixer(name, 0, step, 0.01));
    }
    page.visit();
    assertThat(page.at("#operators tbody tr").first()).containsText(name);
    assertThat(page.at(".alarm").first()).isVisible();
    BoundingBox box = page.heatmap();
    page.page.mouse().move(box.x + box.width * 0.7, box.y + 10);
    assertThat(page.at("#tooltip")).containsText(name);
    page.at("#operators tbody a").first().click();
    assertThat(page.at("#layer-name")).hasText(name);
    assertThat(page.at("#figure-cards .card").first()).isVisible();
    assertThat(page.at("img")).hasCount(1);
  }

  @Test
  void undefinedAndInfiniteFiguresAreSaidAsSuch() {
    SinkingRun run = page.run("limits", 1);
    run.step(1, 1);
    page.visit();
    assertThat(page.at("#operators tbody tr").first()).containsText("∞");
    run.accept(run.dense("lm_head.weight", 1, Double.NaN, 2));
    assertThat(page.at("#dense tbody tr").first()).containsText("—");
  }

  @Test
  void aRunWithoutOperatorsIsNeverCalledHealthy() {
    SinkingRun run = page.run("plain", 1);
    run.accept(run.dense("lm_head.weight", 1, 3, 2));
    page.visit();
    assertThat(page.at("#unobservable")).isVisible();
    assertThat(page.at("#alarms")).containsText("No alarm can be judged without an operator");
    assertThat(page.at("#heatmap-panel")).isHidden();
  }

  @Test
  void trainingThatGoesBackTakesThePlaceOfWhatWas() {
    SinkingRun run = page.run("restarted", 2);
    for (int step = 1; step <= 50; step++) {
      run.step(step, 0.02);
    }
    page.visit("#run=restarted");
    page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(1) > 0.3);
    run.restart();
    for (int step = 10; step <= 50; step++) {
      run.step(step, 0.9);
    }
    assertThat(page.at("#tiles")).containsText("attempt 1");
    page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(1) < 0.3);
    run.restart();
    run.step(20, 0.9); // nothing of the attempt before is left behind it
    page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(1) < 0.3);
    assertThat(page.at("#tiles")).containsText("attempt 2");
  }

  @Test
  void hundredsOfLayersAndSeveralChainsAreStillOnePage() {
    SinkingRun large = page.run("large", 300);
    SinkingRun wide =
        new SinkingRun("large", 16, 1, PageUnderTest.now(), page.history, page.events);
    for (int step = 1; step <= 30; step++) {
      large.step(10L * step, 0.99 - 0.02 * step);
      wide.accept(wide.mixer("moe.router", 1000, 10L * step, 0.7));
    }
    page.visit();
    assertThat(page.at("#operators tbody tr")).hasCount(301);
    assertThat(page.at("#chain-choice button")).hasCount(2);
    page.at("#chain-choice button").last().click();
    assertThat(page.at("#tiles")).containsText("of 1");
    assertThat(page.fragment()).contains("chain=n16");
    page.at(PageUnderTest.CELLS).focus();
    page.page.keyboard().press("End");
    assertThat(page.at("#tooltip")).containsText("moe.router");
    assertThat(page.number("document.getElementById('heatmap').clientHeight")).isLessThan(700);
    page.picture("large");
  }
}

package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.sinkwatch.dashboard.SinkingRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All runs at a glance. */
class OverviewPageTest {
  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void aMonitorWithoutRunsSaysHowToSendTheFirstSnapshot() {
    page.visit();
    assertThat(page.at("#empty")).containsText("./sinkwatch publish PATH --run NAME");
    assertThat(page.at("#empty")).containsText("sinkwatch.watch(model");
    assertThat(page.at("#empty")).containsText("http://127.0.0.1:" + page.door.port());
    assertThat(page.at("#empty")).containsText("sinkwatch.weights");
    assertThat(page.at("#connection")).containsText("live");
    page.picture("empty");
    page.run("first", 6).step(1, 0.8);
    assertThat(page.at("#run-name")).hasText("first");
    assertThat(page.at("#empty")).isHidden();
  }

  @Test
  void theWorstRunComesFirstAndLeadsToWhereItIsWrong() {
    page.sunk();
    page.run("healthy", 4).step(40, 0.9);
    SinkingRun plain = page.run("plain", 1);
    plain.accept(plain.dense("lm_head.weight", 1, 3, 2));
    page.visit();
    assertThat(page.at("#runs tbody tr")).hasCount(3);
    assertThat(page.at("#runs tbody tr").first()).containsText("mhc-small");
    assertThat(page.run("mhc-small")).containsText("critical");
    assertThat(page.run("healthy")).containsText("no alarm");
    assertThat(page.run("plain")).containsText("not observable");
    assertThat(page.at("#firing")).isVisible();
    page.picture("overview");
    page.run("mhc-small").locator("a").click(); // one click: which layers, and since when
    assertThat(page.at("#alarms .group").first()).containsText("firing since step");
    page.at("#alarms a.place").first().click(); // the second: the layer
    assertThat(page.at("#layer-name")).containsText("transformer.h.");
    page.page.goBack();
    assertThat(page.at("#run-name")).hasText("mhc-small");
    page.page.goBack();
    assertThat(page.at("#runs tbody tr")).hasCount(3);
  }

  @Test
  void runsComeAndGoWhileOneLooks() {
    page.run("kept", 2).step(1, 0.5);
    page.run("second", 2).step(1, 0.5);
    page.visit("#view=overview");
    assertThat(page.at("#runs tbody tr")).hasCount(2);
    page.run("third", 2).step(1, 0.5);
    assertThat(page.at("#runs tbody tr")).hasCount(3);
    page.history.forgotten("second");
    page.events.forgotten("second");
    assertThat(page.at("#runs tbody tr")).hasCount(2);
  }

  @Test
  void tablesSortByAnyColumn() {
    page.run("a", 2).step(9, 0.5);
    page.run("b", 2).step(7, 0.9);
    page.run("c", 2).step(8, 0.7);
    page.visit();
    Locator step = page.at("#runs thead button").filter(PageUnderTest.containing("Step"));
    step.click();
    assertThat(page.at("#runs tbody tr").first()).containsText("b");
    assertThat(page.at("#runs th[aria-sort=ascending]")).containsText("Step");
    step.click();
    assertThat(page.at("#runs tbody tr").first()).containsText("a");
  }

  @Test
  void twoRunsAreTickedAndCompared() {
    page.sunk();
    page.run("healthy", 12).step(100, 0.9);
    page.visit();
    assertThat(page.at("#compare")).isDisabled();
    page.run("mhc-small").locator("input").check();
    page.run("healthy").locator("input").check();
    page.at("#compare").click();
    assertThat(page.at("#compare-name-0")).hasText("mhc-small");
    assertThat(page.at("#compare-name-1")).hasText("healthy");
    assertThat(page.at("#compare-charts canvas")).hasCount(4);
    assertThat(page.fragment()).isEqualTo("#run=mhc-small&other=healthy");
    assertThat(page.at("#compare-charts figcaption").first()).containsText("mhc-small");
    page.at("#compare-swap").click();
    assertThat(page.at("#compare-name-0")).hasText("healthy");
    page.picture("compare");
  }
}

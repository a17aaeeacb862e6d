package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.BoundingBox;
import dev.sinkwatch.dashboard.SinkingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The heatmap of a run by hand and by keys: read, zoomed, sent on, saved. */
class HeatmapPageTest {
  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void aCellReadsItsValueAndOpensItsLayerAndTheLinkBringsAnyoneThere() {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small");
    BoundingBox box = page.heatmap();
    double x = box.x + box.width * 0.6;
    double row = box.y + box.height * 2.5 / 12;
    page.page.mouse().move(x, row);
    assertThat(page.at("#tooltip")).containsText(run.layer(2));
    assertThat(page.at("#tooltip")).containsText("σ₂");
    String told = page.at("#tooltip dd").first().textContent();
    page.page.mouse().click(x, row);
    assertThat(page.at("#layer-name")).hasText(run.layer(2));
    String link = page.fragment();
    assertThat(link).isEqualTo("#run=mhc-small&layer=" + run.layer(2) + "&step=" + told);
    page.visit(link);
    assertThat(page.at("#layer-name")).hasText(run.layer(2));
    assertThat(page.at("#layer-facts")).containsText("tokenbender");
  }

  @Test
  void aPartIsZoomedIntoByDraggingAndByKeysAndIsInTheLink() {
    page.sunk();
    page.visit("#run=mhc-small");
    BoundingBox box = page.heatmap();
    page.page.mouse().move(box.x + box.width * 0.5, box.y + 50);
    page.page.mouse().down();
    page.page.mouse().move(box.x + box.width * 0.7, box.y + 60);
    page.page.mouse().up();
    assertThat(page.at("#toolbar .part")).containsText("steps");
    String part = page.at("#toolbar .part").textContent();
    String link = page.fragment();
    assertThat(link).matches("#run=mhc-small&from=\\d+&to=\\d+");
    page.visit(link);
    assertThat(page.at("#toolbar .part")).hasText(part);
    page.page.keyboard().press("0");
    assertThat(page.at("#toolbar .part")).hasText("");
    page.page.keyboard().press("+");
    assertThat(page.at("#toolbar .part")).hasText("steps 30 to 90");
    page.page.keyboard().press("]");
    assertThat(page.at("#toolbar .part")).hasText("steps 60 to 120");
    page.page.keyboard().press("t");
    assertThat(page.fragment()).matches("#run=mhc-small&axis=time&from=\\d+&to=\\d+");
    page.page.keyboard().press("t");
    assertThat(page.at("#toolbar .part")).hasText("steps 60 to 120"); // the same part
    page.page.keyboard().press("0");
    page.page.keyboard().press("t");
    assertThat(page.at("#toolbar .part")).hasText("");
    assertThat(page.fragment()).isEqualTo("#run=mhc-small&axis=time");
    page.page.keyboard().press("l");
    assertThat(page.fragment()).isEqualTo("#run=mhc-small&axis=time&scale=log");
    page.page.keyboard().press("?");
    assertThat(page.at("#keys")).isVisible();
    page.at("#keys-close").click();
    page.page.keyboard().press("/");
    assertThat(page.at("#filter")).isFocused();
    page.page.keyboard().type("h.7.");
    assertThat(page.at("#operators tbody tr")).hasCount(1);
  }

  @Test
  void aCellIsReachedByKeyboardAlone() {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small");
    page.heatmap();
    page.at(PageUnderTest.CELLS).focus();
    page.page.keyboard().press("ArrowDown");
    page.page.keyboard().press("ArrowDown");
    assertThat(page.at("#tooltip")).containsText(run.layer(1));
    page.page.keyboard().press("ArrowLeft");
    page.page.keyboard().press("ArrowLeft");
    assertThat(page.at("#tooltip")).containsText(Integer.toString(PageUnderTest.STEPS - 1));
    assertThat(page.at("#heatmap [aria-live]")).containsText(run.layer(1));
    page.page.keyboard().press("End");
    assertThat(page.at("#tooltip")).containsText(run.layer(11));
    page.page.keyboard().press("Enter");
    assertThat(page.at("#layer-name")).hasText(run.layer(11));
  }

  @Test
  void aKeyCountsOnceAndNotBehindADialogAndTheSkipLinkStaysHere() {
    page.sunk();
    page.visit("#run=mhc-small");
    page.heatmap();
    page.at(PageUnderTest.CELLS).focus();
    page.page.keyboard().press("+");
    assertThat(page.at("#toolbar .part")).hasText("steps 30 to 90");
    page.page.keyboard().press("?");
    page.page.keyboard().press("0");
    assertThat(page.at("#toolbar .part")).hasText("steps 30 to 90");
    page.page.keyboard().press("Escape");
    page.at("#skip").focus();
    page.page.keyboard().press("Enter");
    assertThat(page.at("#main")).isFocused();
    assertThat(page.at("#toolbar .part")).hasText("steps 30 to 90");
  }

  @Test
  void theBeginningOfARunCanBeZoomedIntoAndSentAsALink() {
    SinkingRun run = page.run("zero", 2);
    for (int step = 0; step <= 1000; step += 50) {
      run.step(step, 0.9);
    }
    page.visit("#run=zero");
    BoundingBox box = page.heatmap();
    page.page.mouse().move(box.x + box.width * 0.4, box.y + 10);
    page.page.mouse().down();
    page.page.mouse().move(box.x + 1, box.y + 12);
    page.page.mouse().up();
    assertThat(page.at("#toolbar .part")).containsText("steps");
    String link = page.fragment();
    assertThat(link).contains("from=0&to=");
    page.visit(link);
    assertThat(page.at("#toolbar .part")).containsText("steps");
    page.visit("#run=zero&from=10000000000000000&to=10000000000000002");
    page.heatmap();
    assertThat(page.at("#toolbar .part")).hasText("");
  }

  @Test
  void otherFiguresAndTheOtherExtremeAreChosen() {
    page.sunk();
    page.visit("#run=mhc-small");
    page.heatmap();
    page.at("#toolbar select").first().selectOption("entropy");
    assertThat(page.at("#heatmap-title")).hasText("entropy of each operator");
    assertThat(page.at("#lines .chart-title")).containsText("entropy");
    assertThat(page.fragment()).isEqualTo("#run=mhc-small&figure=entropy");
    for (String figure : List.of("rowResidual", "identityDistance", "effectiveDepth")) {
      page.at("#toolbar select").first().selectOption(figure);
      page.page.waitForCondition(() -> page.fragment().contains(figure));
      page.page.waitForCondition(() -> page.pixels(PageUnderTest.CELLS).get(0) > 0.5);
    }
    page.at("#toolbar select").nth(1).selectOption("highest");
    assertThat(page.fragment()).contains("extreme=highest");
  }

  @Test
  void whatIsSeenIsSavedAsNumbersAndAsAPicture() throws IOException {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small&from=29&to=31");
    page.heatmap();
    Locator buttons = page.at("#heatmap-head .exports button");
    Download csv = page.page.waitForDownload(() -> buttons.first().click());
    List<String> lines = Files.readAllLines(csv.path());
    assertThat(csv.suggestedFilename()).isEqualTo("sinkwatch-mhc-small-sigma2.csv");
    assertThat(lines).hasSize(1 + 3 * 12).first().asString().startsWith("run,layer,figure,step");
    assertThat(lines)
        .anyMatch(line ->
            line.startsWith("mhc-small," + run.layer(0) + ",sigma2,30,20")
                && line.contains(",0.05"));
    Download png = page.page.waitForDownload(() -> buttons.last().click());
    assertThat(Files.readAllBytes(png.path())).startsWith(0x89, 'P', 'N', 'G');
    Locator chart = page.at("#charts .exports button").first();
    Download depth = page.page.waitForDownload(() -> chart.click());
    assertThat(Files.readAllLines(depth.path()).getFirst()).isEqualTo("step,time,bound,composite");
  }
}

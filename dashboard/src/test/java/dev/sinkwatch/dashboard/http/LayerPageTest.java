package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One layer: its figures, what they mean, and the matrix itself. */
class LayerPageTest {
  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void everyFigureIsThereWithWhatItMeans() {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small&layer=" + run.layer(5));
    assertThat(page.at("#layer-facts")).containsText("sinkhorn-logits");
    assertThat(page.at("#layer-facts")).containsText("this matrix is what the model applies");
    assertThat(page.at("#layer-facts")).containsText("HomogeneityTrap");
    Locator sigma2 = page.at(".card").filter(PageUnderTest.containing("σ₂")).first();
    assertThat(sigma2).containsText("second largest singular value");
    assertThat(sigma2.locator("canvas")).hasCount(1);
    assertThat(page.at(".card").filter(PageUnderTest.containing("entropy"))).hasCount(1);
    assertThat(page.at(".card").filter(PageUnderTest.containing("leak to detail"))).hasCount(1);
    page.picture("layer");
  }

  @Test
  void aProjectionThatIsAssumedIsCalledSo() {
    SinkingRun run = page.run("assumed", 1);
    run.accept(run.mixer(run.layer(0), 0, 1, 0.05).change().projectionAssumed(true).build());
    page.visit("#run=assumed&layer=" + run.layer(0));
    assertThat(page.at("#layer-facts"))
        .containsText("exact, assumed: made doubly stochastic by the usual softmax of rows");
    assertThat(page.at("#layer-facts")).not().containsText("what the model applies");
  }

  @Test
  void aStackWhoseOperatorsDifferSaysSo() {
    SinkingRun run = page.run("stack", 1);
    double[] identities = new double[64 * 16];
    Arrays.setAll(identities, i -> i % 16 % 5 == 0 ? 1 : 0);
    run.accept(
        run.mixer(run.layer(0), 0, 1, 0.9)
            .change()
            .operator(4, 64, List.of(0))
            .matrix(identities)
            .sigma2Batch(new BatchSpread(0.01, 0.02, 0.03, 0.9, 3, 17))
            .build());
    page.visit("#run=stack&layer=" + run.layer(0));
    assertThat(page.at("#layer-facts"))
        .containsText(
            "64 operators; the liveliest speaks, with σ₂ = 0.900 where half of them have 0.0200 or less");
  }

  @Test
  void alarmsHaveTheWidthOfTheCardAndSayOfWhenTheyAre() {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small&layer=" + run.layer(5));
    Locator alarms = page.at("#layer-facts .fact").filter(PageUnderTest.containing("Homogeneity"));
    assertThat(alarms).containsText("HomogeneityTrap, firing since step");
    assertThat(alarms).containsText(", as it was then: ");
    assertThat(alarms).containsText(Pattern.compile("SpectralDrift.*, as last told: .*going on"));
    // at once: what is drawn anew is gone between two questions
    String share =
        "(() => { const width = (s) => document.querySelector(s).getBoundingClientRect().width;"
            + " return width('#layer-facts .fact:last-child') / width('#layer-facts'); })()";
    assertThat(((Number) page.page.evaluate(share)).doubleValue()).isGreaterThan(0.9);
  }

  @Test
  void axesTellTinyAndNearlyEqualValuesApartAndZeroFromTheLeastOne() {
    page.sunk();
    page.visit();
    assertThat(scale("labels([0.99999, 0.999995, 1])"))
        .isEqualTo("[\"0.99999\",\"0.999995\",\"1\"]");
    assertThat(scale("labels([0, 0.5, 1])")).isEqualTo("[\"0\",\"0.5\",\"1\"]");
    assertThat(scale("labels([0, 2e-13, 4e-13])")).isEqualTo("[\"0\",\"2e−13\",\"4e−13\"]");
    assertThat(scale("labels([-0.2, 0, 0.2])")).isEqualTo("[\"−0.2\",\"0\",\"0.2\"]");
    assertThat(scale("around(1e-16, 3e-16)")).isEqualTo("[0,1e-12]");
    assertThat(scale("around(0, 0)")).isEqualTo("[0,1]");
    assertThat(scale("around(1, 1)")).isEqualTo("[0.9,1.1]");
    assertThat(scale("logarithms([[0, 0.002, null], [1, 0.02, 0]])"))
        .contains("\"zero\":-4", "[-4,", ",-4]");
    assertThat(scale("logarithms([[1, 0.1]])")).contains("\"zero\":null");
  }

  private String scale(String call) {
    return (String)
        page.page.evaluate(
            "import('/assets/chart-scale.js').then((s) => JSON.stringify(s." + call + "))");
  }

  @Test
  void theMatrixIsShownWithItsSumsAndSingularValues() {
    SinkingRun run = page.run("one", 2);
    run.step(1, 0.5);
    page.visit("#run=one&layer=" + run.layer(0));
    assertThat(page.at("#matrix")).containsText("Step 1. Row sums differ from 1 by at most");
    assertThat(page.at("#matrix canvas").last())
        .hasAttribute("aria-label", "Singular values: 1.00, 0.500, 0.500, 0.500");
    page.at("#matrix canvas").first().hover();
    assertThat(page.at("#tooltip")).containsText("row");
    run.step(2, 0.25);
    assertThat(page.at("#matrix")).containsText("Step 2.");
    assertThat(page.at("#matrix canvas").last())
        .hasAttribute("aria-label", "Singular values: 1.00, 0.250, 0.250, 0.250");
  }

  @Test
  void figuresGoOnLive() {
    SinkingRun run = page.run("live", 2);
    run.step(1, 0.5);
    page.visit("#run=live&layer=" + run.layer(0));
    Locator sigma2 = page.at(".card .card-value").first();
    assertThat(sigma2).hasText("0.500");
    run.step(2, 0.25);
    assertThat(sigma2).hasText("0.250");
    assertThat(page.at("#layer-facts")).containsText("step 2");
  }

  @Test
  void neighboursAreOneStepAway() {
    SinkingRun run = page.sunk();
    page.visit("#run=mhc-small&layer=" + run.layer(0));
    assertThat(page.at("#layer-after")).isVisible();
    assertThat(page.at("#layer-before")).isHidden();
    page.at("#layer-after").click();
    assertThat(page.at("#layer-name")).hasText(run.layer(1));
    assertThat(page.at(".card .card-value").first()).isVisible();
    page.page.keyboard().press("+");
    assertThat(page.fragment()).contains("from=31&to=90");
    page.page.keyboard().press("l");
    assertThat(page.at("#layer-toolbar .part")).hasText("steps 31 to 90"); // it stays
    page.at("#layer-back").click();
    assertThat(page.at("#run-name")).hasText("mhc-small");
  }

  @Test
  void aDenseLayerHasFiguresAndNoMatrix() {
    page.sunk();
    page.visit("#run=mhc-small&layer=lm_head.weight");
    assertThat(page.at("#layer-facts")).containsText("dense");
    assertThat(page.at(".card").filter(PageUnderTest.containing("stable rank"))).hasCount(1);
    assertThat(page.at("#matrix-panel")).isHidden();
  }

  @Test
  void aLayerThatIsNotThereSaysSo() {
    page.sunk();
    page.visit("#run=mhc-small&layer=nothing");
    assertThat(page.at("#layer-unknown")).isVisible();
    assertThat(page.at("#layer-body")).isHidden();
    assertThat(page.at("#layer-back")).hasText("mhc-small");
    page.complaints.removeIf(line -> line.contains("404"));
    assertThat(page.overflow()).isZero();
  }
}

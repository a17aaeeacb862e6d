package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A run of 200 layers over many steps: what it costs to look at it is printed, that a spike
 * survives any zoom is checked.
 */
class LargePageTest {
  private static final int LAYERS = 200;
  private static final int STEPS = Boolean.getBoolean("sinkwatch.long") ? 10_000 : 1_000;

  /** Milliseconds from the navigation to the first cells on the canvas. */
  private static final String FIRST_CELLS =
      """
      const put = CanvasRenderingContext2D.prototype.putImageData;
      CanvasRenderingContext2D.prototype.putImageData = function (image, ...where) {
        if (image.height > 20 && !window.firstCells) window.firstCells = performance.now();
        return put.call(this, image, ...where);
      };
      """;

  /** Zooms in and out and pans, a wheel event a frame; milliseconds between frames, sorted. */
  private static final String FRAMES =
      """
      async () => {
        const canvas = document.querySelector('#heatmap .cells');
        const box = canvas.getBoundingClientRect();
        const wheel = (deltaY, pans) => canvas.dispatchEvent(new WheelEvent('wheel', {
          deltaY, ctrlKey: !pans, shiftKey: pans, bubbles: true, cancelable: true,
          clientX: box.left + box.width * 0.6, clientY: box.top + 40,
        }));
        const gaps = [];
        let last = await new Promise(requestAnimationFrame);
        for (let i = 0; i < 240; i++) {
          if (i < 100) wheel(-30, false);
          else if (i < 180) wheel(i % 40 < 20 ? 40 : -40, true);
          else wheel(30, false);
          const now = await new Promise(requestAnimationFrame);
          gaps.push(now - last);
          last = now;
        }
        return gaps.sort((a, b) => a - b);
      }
      """;

  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void twoHundredLayersAreOnePictureAndNoSpikeIsLost() {
    SinkingRun run = page.run("large", LAYERS);
    int spike = STEPS * 2 / 3 + 1;
    for (int step = 1; step <= STEPS; step++) {
      for (int i = 0; i < LAYERS; i++) {
        double gain = step == spike && i == 137 ? 0.01 : 0.6 + 0.3 * Math.sin(step / 200.0 + i);
        page.history.layer(run.mixer(run.layer(i), i, step, gain));
      }
    }
    AtomicLong bytes = new AtomicLong();
    page.show(1600, 1000, ColorScheme.LIGHT);
    page.page.addInitScript(FIRST_CELLS);
    page.page.onResponse(response -> {
      if (response.url().contains("/grid")) {
        bytes.addAndGet(response.body().length);
      }
    });
    page.visit("#run=large");
    page.page.waitForCondition(() -> page.pixels("#heatmap .cells").get(0) > 0.5);
    double first = page.number("window.firstCells");
    assertThat(page.pixels("#heatmap .cells").get(1)).as("the spike").isPositive();
    assertThat(page.at("#lines canvas")).hasCount(1);
    page.page.waitForTimeout(1000);
    List<?> frames = (List<?>) page.page.evaluate(FRAMES);
    page.visit("#run=large&from=" + (spike - 3) + "&to=" + (spike + 3));
    page.page.waitForCondition(() -> page.pixels("#heatmap .cells").get(1) > 0);
    System.out.printf(
        "%d layers x %d steps: first cells after %.0f ms, frames of %.1f ms (median), %.1f ms"
            + " (95 %%), %.1f ms (longest) while zooming and panning, %.1f MB of JavaScript heap,"
            + " %.2f MB of grids%n",
        LAYERS,
        STEPS,
        first,
        at(frames, 0.5),
        at(frames, 0.95),
        at(frames, 1),
        page.number("performance.memory.usedJSHeapSize") / 1e6,
        bytes.get() / 1e6);
    page.picture("large-zoomed");
  }

  private static double at(List<?> sorted, double part) {
    int index = (int) Math.min(sorted.size() - 1L, Math.round(part * (sorted.size() - 1)));
    return ((Number) sorted.get(index)).doubleValue();
  }
}

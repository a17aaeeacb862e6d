package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sinkwatch.dashboard.SinkingRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every view in light and dark, narrow and wide (4K in {@code ./verify --long}): nothing sticks
 * out, everybody can read it. The pictures are left in target/page for people to look at.
 */
class PageLooksTest {
  /** Views whose pictures are in the documentation; {@code -Dpictures.update} makes them anew. */
  private static final List<String> PUBLISHED = List.of("sunk", "layer", "runs", "compare");

  private static final int HEIGHT = 900;
  private static final int PICTURE_HEIGHT = 1060;

  @RegisterExtension private final PageUnderTest page = new PageUnderTest();

  @Test
  void everyViewFitsEveryWidthInLightAndDarkAndIsForEverybody() {
    Map<String, String> views = views();
    look(views, 1280, ColorScheme.LIGHT);
    look(views, 1280, ColorScheme.DARK);
    look(
        views,
        344,
        ColorScheme.LIGHT); // 360 less a scrollbar; once is enough for what may stick out
    if (Boolean.getBoolean("sinkwatch.long")) {
      look(views, 360, ColorScheme.DARK);
      look(views, 3840, ColorScheme.LIGHT);
      look(views, 3840, ColorScheme.DARK);
    }
  }

  private void look(Map<String, String> views, int width, ColorScheme scheme) {
    page.show(width, HEIGHT, scheme);
    views.forEach((name, fragment) -> look(name, fragment, width, scheme));
  }

  private void look(String name, String fragment, int width, ColorScheme scheme) {
    arrive(name, fragment);
    String picture = name + "-" + width + "-" + scheme.name().toLowerCase(Locale.ROOT);
    page.picture(picture);
    if (width == 1280
        && PUBLISHED.contains(name)
        && System.getProperty("pictures.update") != null) {
      page.page.screenshot(
          new Page.ScreenshotOptions()
              .setPath(Path.of("../docs/pictures", picture + ".png"))
              .setFullPage(true)
              .setClip(0, 0, width, PICTURE_HEIGHT));
    }
    assertThat(page.overflow()).as("%s at %d pixels", name, width).isZero();
    if (width == 1280) {
      AxeBuilder axe = new AxeBuilder(page.page);
      if (scheme == ColorScheme.DARK) {
        axe.withRules(List.of("color-contrast")); // all else is the same in light
      }
      assertThat(axe.analyze().getViolations())
          .as("what stands in the way of other eyes and hands on %s in %s", name, scheme)
          .extracting(rule -> rule.getId() + ": " + rule.getNodes().getFirst().getHtml())
          .isEmpty();
    }
  }

  /** Fragments of the views of a monitor with a sinking run and a healthy one. */
  private Map<String, String> views() {
    SinkingRun sunk = page.sunk();
    SinkingRun healthy = page.run("healthy-run-with-a-long-name-2026-01-05", 12);
    for (int step = 1; step <= PageUnderTest.STEPS; step++) {
      healthy.step(step, 0.9);
    }
    Map<String, String> views = new LinkedHashMap<>();
    views.put("runs", "#view=overview");
    views.put("sunk", "#run=mhc-small");
    views.put("healthy", "#run=healthy-run-with-a-long-name-2026-01-05");
    views.put("layer", "#run=mhc-small&layer=" + sunk.layer(5));
    views.put("compare", "#run=mhc-small&other=healthy-run-with-a-long-name-2026-01-05");
    views.put("alarms", "#view=alarms");
    views.put("health", "#view=health");
    return views;
  }

  private void arrive(String name, String fragment) {
    page.visit(fragment);
    assertThat(page.at("#connection")).containsText("live");
    String shown =
        switch (name) {
          case "runs" -> "#runs tbody tr";
          case "sunk", "healthy" -> "#lines canvas";
          case "layer" -> ".card canvas";
          case "compare" -> "#compare-charts canvas";
          case "health" -> "#health-charts canvas";
          default -> "#all-alarms .group";
        };
    assertThat(page.at(shown).first()).isVisible();
  }
}

package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.history.HistorySettings;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.dashboard.upload.UploadListener;
import dev.sinkwatch.dashboard.upload.Uploads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The page in a real browser over a real door. What it looks like is left in target/page. */
class PageTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path PICTURES = Path.of("target/page");
  private static final int STEPS = 120;

  /** Counts the pixels of a canvas that are drawn, and those that are red as the trap is. */
  private static final String PIXELS =
      """
      canvas => {
        const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        [copy.canvas.width, copy.canvas.height] = [canvas.width, canvas.height];
        copy.drawImage(canvas, 0, 0);
        const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
        let drawn = 0, red = 0;
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] > 0) drawn++;
          if (data[i + 3] > 0 && data[i] > 200 && data[i + 1] < 130 && data[i + 2] < 130) red++;
        }
        return [drawn / (data.length / 4), red / (data.length / 4)];
      }
      """;

  private static Playwright playwright;
  private static Browser browser;

  private final List<String> complaints = new ArrayList<>();
  private final RunHistory history =
      new RunHistory(HistorySettings.DEFAULT, InstantSource.system());
  private EventStream events = new EventStream(InstantSource.system());
  private HttpDoor door;
  private BrowserContext context;
  private Page page;

  @BeforeAll
  static void launch() throws IOException {
    assertThat(CHROMIUM).as("apt-get install chromium").isExecutable();
    Files.createDirectories(PICTURES);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(List.of("--no-sandbox", "--headless")));
  }

  @AfterAll
  static void quit() {
    playwright.close();
  }

  @BeforeEach
  void open() throws IOException {
    door = door(0);
    show(1280, 800, ColorScheme.LIGHT);
  }

  @AfterEach
  void close(TestInfo test) {
    picture("last-" + test.getTestMethod().orElseThrow().getName());
    context.close();
    door.close();
  }

  @Test
  void aMonitorWithoutRunsSaysHowToSendTheFirstSnapshot() {
    visit();
    assertThat(page.locator("#empty")).containsText("./sinkwatch publish PATH --run NAME");
    assertThat(page.locator("#empty")).containsText("sinkwatch.weights");
    assertThat(page.locator("#connection")).containsText("live");
    picture("empty");
    run("first", 6).step(1, 0.8);
    assertThat(page.locator("#runs tbody tr")).hasCount(1);
    assertThat(page.locator("#empty")).isHidden();
    assertThat(page.locator("#run-name")).hasText("first");
    assertThat(complaints).isEmpty();
  }

  @Test
  void aRunThatSinksIsSeenAtAGlance() {
    SinkingRun sinking = sunk();
    new SinkingRun("healthy", 16, 4, now(), history, events).step(40, 0.9);
    visit();
    assertThat(page.locator("#runs tbody tr")).hasCount(2);
    assertThat(row("mhc-small")).containsText("critical");
    assertThat(row("healthy")).containsText("no alarm");
    assertThat(page.locator("#run-name")).hasText("mhc-small");
    Locator trap = page.locator(".group.critical").filter(containing("HomogeneityTrap")).first();
    assertThat(trap).containsText("firing since step");
    String reason =
        history.run("mhc-small").orElseThrow().get("alarms").get(0).get("reason").asText();
    assertThat(page.locator(".alarm").first()).containsText(reason);
    assertThat(page.locator("#tiles")).containsText("of 12");
    assertThat(page.locator("#operators tbody tr")).hasCount(12);
    assertThat(page.locator("#operators tbody tr").first()).containsText(sinking.layer(0));
    assertThat(page.locator("#dense tbody tr")).hasCount(2);
    List<Double> pixels = pixels();
    assertThat(pixels.get(0)).as("drawn").isGreaterThan(0.5);
    assertThat(pixels.get(1)).as("red").isGreaterThan(0.01);
    assertThat(page.locator("#charts canvas")).hasCount(4);
    assertThat(page.title()).matches("\\(\\d+\\) mhc-small – sinkwatch");
    assertThat(complaints).isEmpty();
  }

  @Test
  void whatHappensShowsWithoutReadingEverythingAgain() {
    SinkingRun run = run("live", 6);
    for (int step = 1; step <= 20; step++) {
      run.step(step, 0.9);
    }
    visit();
    assertThat(page.locator("#operators tbody tr").first()).containsText("0.900");
    List<String> requests = new ArrayList<>();
    page.onRequest(request -> requests.add(request.url()));
    run.step(21, 0.432);
    assertThat(page.locator("#operators tbody tr").first()).containsText("0.432");
    assertThat(page.locator("#tiles .tile").first()).containsText("21");
    assertThat(page.locator("#alarms")).containsText("No alarm is pending or firing");
    assertThat(pixels().get(1)).isZero();
    for (int step = 22; step <= 30; step++) {
      run.step(step, 0.02);
    }
    assertThat(page.locator(".alarm.critical").first()).isVisible();
    page.waitForCondition(() -> pixels().get(1) > 0);
    assertThat(requests).noneMatch(url -> url.contains("/api/v1/runs/live"));
    assertThat(complaints).isEmpty();
  }

  @Test
  void aBrokenConnectionIsSeenAndHealsByItself() throws Exception {
    SinkingRun run = sunk();
    visit();
    assertThat(page.locator("#connection")).containsText("live");
    int port = door.port();
    door.close();
    assertThat(page.locator("#connection")).containsText("reconnecting");
    assertThat(page.locator("#broken")).containsText("is broken");
    picture("disconnected");
    complaints.clear(); // the browser reports each refused connection
    run.step(STEPS + 1, 0.4444); // before the new monitor listens: only reading again shows it
    events = new EventStream(InstantSource.system());
    door = door(port);
    assertThat(page.locator("#connection")).containsText("live");
    assertThat(page.locator("#broken")).isHidden();
    assertThat(page.locator("#operators tbody tr").first()).containsText("0.444");
    assertThat(complaints).noneMatch(line -> !line.contains("ERR_CONNECTION_REFUSED"));
  }

  @Test
  void aForgottenRunGivesWayToAnother() {
    run("kept", 2).step(1, 0.5);
    SinkingRun lost = run("lost", 2);
    for (int step = 1; step <= 8; step++) {
      lost.step(step, 0.01);
    }
    visit();
    row("lost").locator("button").click();
    assertThat(page.locator("#run-name")).hasText("lost");
    history.forgotten("lost");
    events.forgotten("lost");
    assertThat(page.locator("#run-name")).hasText("kept");
    assertThat(page.locator("#runs tbody tr")).hasCount(1);
    assertThat(complaints).isEmpty();
  }

  @Test
  void namesOfLayersAreTextAndNothingElse() {
    SinkingRun run = run("untrusted", 1);
    String name = "h.0.<img src=x onerror=alert(1)>&amp;\"'";
    for (int step = 1; step <= 9; step++) {
      run.accept(run.mixer(name, 0, step, 0.01));
    }
    visit();
    assertThat(page.locator("#operators tbody tr").first()).containsText(name);
    assertThat(page.locator(".alarm").first()).containsText(name);
    page.locator("#heatmap canvas").first().hover();
    assertThat(page.locator("#tooltip")).containsText(name);
    assertThat(page.locator("img")).hasCount(1);
    assertThat(complaints).isEmpty();
  }

  @Test
  void aRowIsChosenByKeyboardByPointerAndInTheTable() {
    SinkingRun run = sunk();
    visit();
    assertThat(page.locator("#operators tbody tr")).hasCount(12);
    Locator heatmap = page.locator("#heatmap canvas").first();
    heatmap.focus();
    page.keyboard().press("ArrowDown");
    page.keyboard().press("ArrowDown");
    assertThat(page.locator("#operators tr.selected")).containsText(run.layer(1));
    assertThat(page.locator("#tooltip")).containsText(run.layer(1));
    assertThat(page.locator("#tooltip")).containsText("effective depth");
    page.keyboard().press("ArrowLeft");
    page.keyboard().press("ArrowLeft");
    assertThat(page.locator("#tooltip")).containsText(Integer.toString(STEPS - 1));
    page.keyboard().press("End");
    assertThat(page.locator("#operators tr.selected")).containsText(run.layer(11));
    assertThat(page.locator("#layer-detail .chart-title")).hasText(run.layer(11));
    page.locator("#operators tbody button").first().click();
    assertThat(page.locator("#layer-detail .chart-title")).hasText(run.layer(0));
    heatmap.hover();
    assertThat(page.locator("#tooltip")).containsText("σ₂");
    page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve("hover.png")));
    assertThat(complaints).isEmpty();
  }

  @Test
  void tablesSortByAnyColumn() {
    SinkingRun run = sunk();
    visit();
    Locator heading = page.locator("#operators thead button").filter(containing("σ₂"));
    heading.click();
    assertThat(page.locator("#operators tbody tr").first()).containsText(run.layer(11));
    assertThat(page.locator("#operators th[aria-sort=ascending]")).containsText("σ₂");
    heading.click();
    assertThat(page.locator("#operators tbody tr").first()).containsText(run.layer(0));
    page.locator("#filter").fill("h.7.");
    assertThat(page.locator("#operators tbody tr")).hasCount(1);
  }

  @Test
  void undefinedAndInfiniteFiguresAreSaidAsSuch() {
    SinkingRun run = run("limits", 1);
    run.step(1, 1);
    visit();
    assertThat(page.locator("#operators tbody tr").first()).containsText("∞");
    run.accept(run.dense("lm_head.weight", 1, Double.NaN, 2));
    assertThat(page.locator("#dense tbody tr").first()).containsText("—");
  }

  @Test
  void aRunWithoutOperatorsIsNeverCalledHealthy() {
    SinkingRun run = run("plain", 1);
    run.accept(run.dense("lm_head.weight", 1, 3, 2));
    visit();
    assertThat(page.locator("#unobservable")).isVisible();
    assertThat(row("plain")).containsText("not observable");
    assertThat(page.locator("#heatmap-panel")).isHidden();
  }

  @Test
  void itFitsEveryWidthInLightAndDark() {
    sunk();
    new SinkingRun("healthy-run-with-a-long-name-2026-01-05", 16, 4, now(), history, events)
        .step(40, 0.9);
    for (int width : new int[] {360, 768, 1280, 1600, 2400}) {
      for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        context.close();
        show(width, 900, scheme);
        visit();
        assertThat(page.locator("#operators tbody tr")).hasCount(12);
        page.locator("#operators tbody button").nth(3).click();
        assertThat(page.locator("#charts canvas")).hasCount(4);
        Object overflow =
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(overflow).as("at %d pixels", width).isEqualTo(0);
        picture(width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT));
      }
    }
    assertThat(complaints).isEmpty();
  }

  @Test
  void hundredsOfLayersAndSeveralChainsAreStillOnePage() {
    SinkingRun large = new SinkingRun("large", 4, 300, now(), history, events);
    SinkingRun wide = new SinkingRun("large", 16, 1, now(), history, events);
    for (int step = 1; step <= 30; step++) {
      large.step(10L * step, 0.99 - 0.02 * step);
      wide.accept(wide.mixer("moe.router", 1000, 10L * step, 0.7));
    }
    visit();
    assertThat(page.locator("#operators tbody tr")).hasCount(301);
    assertThat(page.locator("#chain-choice button")).hasCount(2);
    page.locator("#chain-choice button").last().click();
    assertThat(page.locator("#tiles")).containsText("of 1");
    page.locator("#heatmap canvas").first().focus();
    page.keyboard().press("End");
    assertThat(page.locator("#layer-detail .chart-title")).hasText("moe.router");
    Object height = page.evaluate("document.getElementById('heatmap').clientHeight");
    assertThat(((Number) height).intValue()).isLessThan(700);
    picture("large");
    assertThat(complaints).isEmpty();
  }

  private SinkingRun run(String name, int operators) {
    return new SinkingRun(name, 4, operators, now(), history, events);
  }

  /** A run that fell into the trap, with a spike and two dense layers. */
  private SinkingRun sunk() {
    SinkingRun run =
        new SinkingRun(
            "mhc-small", 4, 12, now(), new RelayedTo(() -> history), new RelayedTo(() -> events));
    for (int step = 1; step <= STEPS; step++) {
      run.step(step, step == 30 ? 0.4 : 0.95 * Math.exp(-Math.pow(step / 80.0, 3)));
    }
    run.accept(run.dense("lm_head.weight", STEPS, 31.4, 7.25));
    run.accept(run.dense("transformer.wte.weight", STEPS, 12.1, 11.9));
    return run;
  }

  private static long now() {
    return System.currentTimeMillis();
  }

  private HttpDoor door(int port) throws IOException {
    return HttpDoor.open(
        DoorUnderTest.plain("127.0.0.1", port),
        new Routes(
            accept -> new MetricsPage.Scrape("text/plain", "".getBytes(UTF_8)),
            List::of,
            history,
            events,
            new Silences(new KeptSilences(), InstantSource.system()),
            new Uploads(UploadLimits.ofHeap(), new KeptShards(), UploadListener.NONE)));
  }

  private void show(int width, int height, ColorScheme scheme) {
    context =
        browser.newContext(
            new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(scheme));
    page = context.newPage();
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        complaints.add(message.text());
      }
    });
    page.onPageError(complaints::add);
  }

  private void visit() {
    page.navigate("http://127.0.0.1:" + door.port() + "/");
  }

  private Locator row(String run) {
    return page.locator("#runs tbody tr").filter(containing(run));
  }

  private static Locator.FilterOptions containing(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private List<Double> pixels() {
    List<Double> shares = new ArrayList<>();
    for (Object share : (List<?>) page.locator("#heatmap canvas").first().evaluate(PIXELS)) {
      shares.add(((Number) share).doubleValue());
    }
    return shares;
  }

  private void picture(String name) {
    page.evaluate("scrollTo(0, 0)");
    page.waitForTimeout(400); // charts draw a few times a second
    page.screenshot(
        new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
  }
}

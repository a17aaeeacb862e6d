package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import dev.sinkwatch.dashboard.Chromium;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.history.HistorySettings;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.metrics.ServiceMetrics;
import dev.sinkwatch.dashboard.metrics.ServiceStatus;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.dashboard.upload.UploadListener;
import dev.sinkwatch.dashboard.upload.Uploads;
import dev.sinkwatch.ingest.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The page in a real browser over a real door, for each test anew. A test fails when the browser's
 * console complains or anything is asked of another origin. What the page looked like at its end is
 * left in target/page.
 */
@SuppressWarnings("NullAway.Init") // before each test
final class PageUnderTest implements BeforeEachCallback, AfterEachCallback {
  private static final Path PICTURES = Path.of("target/page");
  static final int STEPS = 120;
  static final String CELLS = "#heatmap .cells";

  final List<String> complaints = new ArrayList<>();
  final List<String> requests = new ArrayList<>();
  KeptSilences kept;
  Silences silences;
  RunHistory history;
  EventStream events;
  HttpDoor door;
  Page page;

  private Browser browser;
  private BrowserContext context;

  @Override
  public void beforeEach(ExtensionContext test) throws IOException {
    Files.createDirectories(PICTURES);
    browser = // one for all tests of the process; it ends with it
        test.getRoot()
            .getStore(ExtensionContext.Namespace.create(PageUnderTest.class))
            .getOrComputeIfAbsent(Chromium.class, key -> Chromium.launch(), Chromium.class)
            .browser();
    complaints.clear();
    requests.clear();
    kept = new KeptSilences();
    silences = new Silences(kept, InstantSource.system());
    history = new RunHistory(HistorySettings.DEFAULT, InstantSource.system(), silences);
    events = new EventStream(InstantSource.system(), silences);
    door = HttpDoor.open(DoorUnderTest.plain("127.0.0.1", 0), routes());
    show(1280, 800, ColorScheme.LIGHT);
  }

  @Override
  public void afterEach(ExtensionContext test) {
    String origin = "http://127.0.0.1:" + door.port() + "/";
    try {
      picture("last-" + test.getRequiredTestMethod().getName());
      assertThat(complaints).isEmpty();
      assertThat(requests)
          .as("requests to other origins")
          .allMatch(url -> url.startsWith(origin) || url.startsWith("blob:" + origin));
    } finally {
      context.close();
      door.close();
    }
  }

  /** The monitor stops, and starts again on the same port with an empty stream. */
  void restart(Runnable between) throws IOException {
    int port = door.port();
    door.close();
    between.run();
    complaints.clear(); // the browser reports each refused connection
    events = new EventStream(InstantSource.system(), silences);
    door = HttpDoor.open(DoorUnderTest.plain("127.0.0.1", port), routes());
  }

  /** The monitor listens elsewhere, as these settings say. */
  void open(HttpSettings settings) throws IOException {
    door.close();
    door = HttpDoor.open(settings, routes());
  }

  void show(int width, int height, ColorScheme scheme) {
    show(options -> options.setViewportSize(width, height).setColorScheme(scheme));
  }

  /** Another window, instead of the one before. */
  void show(UnaryOperator<Browser.NewContextOptions> options) {
    if (context != null) {
      context.close();
    }
    context = browser.newContext(options.apply(new Browser.NewContextOptions()));
    page = context.newPage();
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        complaints.add(message.text());
      }
    });
    page.onPageError(complaints::add);
    page.onRequest(request -> requests.add(request.url()));
  }

  void visit() {
    visit("");
  }

  void visit(String fragment) {
    page.navigate("about:blank"); // a new fragment alone would not load the page again
    page.navigate("http://127.0.0.1:" + door.port() + "/" + fragment);
  }

  Locator at(String selector) {
    return page.locator(selector);
  }

  Locator run(String name) {
    return at("#runs tbody tr").filter(containing(name));
  }

  static Locator.FilterOptions containing(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  /** The address bar, behind the origin. */
  String fragment() {
    return (String) page.evaluate("location.hash");
  }

  double number(String expression) {
    return ((Number) page.evaluate(expression)).doubleValue();
  }

  /** Whether something is there sideways that the window does not show. */
  double overflow() {
    return number("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }

  /** The shares of a canvas' pixels that are drawn, and that are red as the trap is. */
  List<Double> pixels(String selector) {
    List<Double> shares = new ArrayList<>();
    for (Object share : (List<?>) at(selector).first().evaluate(PIXELS)) {
      shares.add(((Number) share).doubleValue());
    }
    return shares;
  }

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
          if (data[i + 3] > 0 && data[i] > 150 && data[i + 1] < 130 && Math.abs(data[i + 1] - data[i + 2]) < 50) red++;
        }
        return [drawn / (data.length / 4), red / (data.length / 4)];
      }
      """;

  void picture(String name) {
    page.evaluate("scrollTo(0, 0)");
    page.waitForTimeout(400); // charts draw a few times a second
    page.screenshot(
        new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
  }

  /** The heatmap in the window, once its cells are drawn. */
  BoundingBox heatmap() {
    page.waitForCondition(() -> at(CELLS).isVisible() && pixels(CELLS).get(0) > 0.4);
    at(CELLS).scrollIntoViewIfNeeded();
    return at(CELLS).boundingBox();
  }

  SinkingRun run(String name, int operators) {
    return new SinkingRun(
        name, 4, operators, now(), new RelayedTo(() -> history), new RelayedTo(() -> events));
  }

  /** A run that fell into the trap, with a spike and two dense layers. */
  SinkingRun sunk() {
    SinkingRun run = run("mhc-small", 12);
    for (int step = 1; step <= STEPS; step++) {
      run.step(step, step == 30 ? 0.05 : 0.95 * Math.exp(-Math.pow(step / 80.0, 3)));
    }
    run.accept(run.dense("lm_head.weight", STEPS, 31.4, 7.25));
    run.accept(run.dense("transformer.wte.weight", STEPS, 12.1, 11.9));
    return run;
  }

  static long now() {
    return System.currentTimeMillis();
  }

  private Routes routes() {
    return new Routes(
        accept -> new MetricsPage.Scrape("text/plain", "".getBytes(UTF_8)),
        List::of,
        new ServiceStatus(
            new ServiceMetrics(new Ledger(), "test"), "test", List::of, InstantSource.system()),
        history,
        events,
        silences,
        new Uploads(UploadLimits.ofHeap(), new KeptShards(), UploadListener.NONE));
  }
}

package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Debian's browser, without a window. For one thread. */
public record Chromium(Playwright playwright, Browser browser) implements AutoCloseable {
  private static final Path EXECUTABLE = Path.of("/usr/bin/chromium");

  public static Chromium launch() {
    assertThat(EXECUTABLE).as("apt-get install chromium").isExecutable();
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(EXECUTABLE)
                    .setArgs(List.of("--no-sandbox", "--headless")));
    return new Chromium(playwright, browser);
  }

  @Override
  public void close() {
    playwright.close();
  }
}

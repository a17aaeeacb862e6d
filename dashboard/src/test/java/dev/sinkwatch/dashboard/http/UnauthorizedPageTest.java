package dev.sinkwatch.dashboard.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees whom the monitor does not let in. */
class UnauthorizedPageTest {
  private static final String PASSWORD = "correct horse";

  @RegisterExtension private final PageUnderTest page = new PageUnderTest();
  @TempDir private Path directory;

  @Test
  void aPersonIsToldWhatToDoAndAUserIsLetIn() throws Exception {
    open(TestUsers.line("alice", PASSWORD, "role: viewer"));
    // a browser without a head has nobody who gives up when it is asked for a name
    page.page.route(
        "**/",
        route -> {
          APIResponse answer = route.fetch();
          Map<String, String> headers = new HashMap<>(answer.headers());
          assertThat(headers.remove("www-authenticate")).isNotNull();
          route.fulfill(
              new Route.FulfillOptions()
                  .setStatus(answer.status())
                  .setHeaders(headers)
                  .setBodyBytes(answer.body()));
        });
    page.visit();
    assertThat(page.at("h1")).hasText("sinkwatch: who are you?");
    assertThat(page.at("main")).containsText("sinkwatch password");
    page.picture("unauthorized");
    page.complaints.clear(); // the browser reports the 401, also of its icon
    page.show(options -> options.setHttpCredentials("alice", PASSWORD));
    page.run("seen", 2).step(1, 0.5);
    page.visit();
    assertThat(page.at("#run-name")).hasText("seen");
  }

  @Test
  void whoIsNoLongerWelcomeIsToldSo() throws Exception {
    Path users = open(TestUsers.line("alice", PASSWORD, "role: viewer"));
    page.show(options -> options.setHttpCredentials("alice", PASSWORD));
    page.run("seen", 2).step(1, 0.5);
    page.visit();
    assertThat(page.at("#run-name")).hasText("seen");
    Files.delete(users);
    TestUsers.write(users, TestUsers.line("bob", PASSWORD, "role: viewer"));
    assertThat(page.at("#denied"))
        .containsText(
            "Reload the page to log in again", new ContainsTextOptions().setTimeout(30_000));
    page.page.navigate("about:blank"); // it would go on asking
    page.complaints.removeIf(line -> line.contains("401"));
  }

  private Path open(String user) throws Exception {
    Path users = TestUsers.write(directory.resolve("users.yaml"), user);
    page.open(new HttpSettings(new Endpoint("127.0.0.1", 0), null, users));
    return users;
  }
}

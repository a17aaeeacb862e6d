package dev.sinkwatch.dashboard.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AuthenticatorTest {
  private static final int CHEAP = PasswordHash.LEAST_ITERATIONS;

  @TempDir private Path directory;

  private final AtomicInteger derivations = new AtomicInteger();
  private final AtomicInteger iterations = new AtomicInteger();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2027-01-01T00:00:00Z"));
  private final CountDownLatch gate = new CountDownLatch(1);
  private Path file;
  private Authenticator authenticator;

  @BeforeEach
  void open() throws Exception {
    file =
        TestUsers.write(
            directory.resolve("users.yaml"),
            TestUsers.line("alice", "correct horse", "role: viewer"),
            TestUsers.line("dear", "correct horse", "role: ingest", CHEAP + 12_345),
            TestUsers.line("gone", "correct horse", "role: viewer, expires: 2026-12-31"));
    authenticator = new Authenticator(file, this::derive, now::get);
  }

  private byte[] derive(String password, byte[] salt, int count) {
    derivations.incrementAndGet();
    iterations.addAndGet(count);
    if (password.startsWith("held")) {
      try {
        boolean _ = gate.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return Derivation.PBKDF2.derive(password, salt, count);
  }

  @AfterEach
  void close() {
    gate.countDown();
    authenticator.close();
  }

  private CompletableFuture<Admission> ask(String name, String password, String address) {
    return authenticator.authenticate(new Credentials(name, password), address);
  }

  private Admission admission(String name, String password) throws Exception {
    return ask(name, password, "192.0.2.1").get(60, TimeUnit.SECONDS);
  }

  @Test
  void onlyTheRightPasswordIsGranted() throws Exception {
    assertThat(admission("alice", "correct horse"))
        .isInstanceOfSatisfying(
            Admission.Granted.class,
            granted -> assertThat(granted.user().role()).isEqualTo(Role.VIEWER));
    assertThat(admission("dear", "correct horse")).isInstanceOf(Admission.Granted.class);
    for (String wrong : List.of("correct hors", "correct horse ", "Correct horse", "x")) {
      assertThat(admission("alice", wrong)).isInstanceOf(Admission.Refused.class);
    }
    assertThat(admission("Alice", "correct horse")).isInstanceOf(Admission.Refused.class);
    assertThat(admission("gone", "correct horse")).isInstanceOf(Admission.Refused.class);
  }

  /** Whoever measures how long an answer takes must not learn who there is. */
  @Test
  void nobodyCostsAsMuchAsSomebody() throws Exception {
    for (String name : List.of("alice", "dear", "gone", "nobody", "somebody-else")) {
      iterations.set(0);
      Admission _ = admission(name, "wrong " + name);
      assertThat(iterations).as(name).hasValue(CHEAP + 12_345);
    }
    iterations.set(0);
    Admission _ = admission("gone", "correct horse"); // right, and too late
    assertThat(iterations).hasValue(CHEAP + 12_345);
  }

  @Test
  void whatWasRightAMomentAgoCostsNothingForAWhile() throws Exception {
    Admission _ = admission("dear", "correct horse");
    assertThat(derivations).hasValue(1);
    assertThat(admission("dear", "correct horse")).isInstanceOf(Admission.Granted.class);
    assertThat(derivations).hasValue(1);
    now.set(now.get().plusSeconds(301));
    assertThat(admission("dear", "correct horse")).isInstanceOf(Admission.Granted.class);
    assertThat(derivations).hasValue(2);
    // what was wrong is hashed each time, so that it pushes nobody else's out
    Admission _ = admission("dear", "wrong");
    Admission _ = admission("dear", "wrong");
    assertThat(derivations).hasValue(4);
  }

  @Test
  void thePartsOfAPageCostOneDerivationTogether() throws Exception {
    List<CompletableFuture<Admission>> parts = new ArrayList<>();
    for (int part = 0; part < 50; part++) {
      parts.add(ask("dear", "correct horse", "192.0.2.1"));
    }
    for (CompletableFuture<Admission> part : parts) {
      assertThat(part.get(60, TimeUnit.SECONDS)).isInstanceOf(Admission.Granted.class);
    }
    assertThat(derivations).hasValue(1);
  }

  @Test
  void aFloodHasBoundsAndKeepsNobodyOutWhoIsIn() throws Exception {
    Admission _ = admission("alice", "correct horse");
    List<CompletableFuture<Admission>> flood = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      flood.add(ask("alice", "held " + i, "192.0.2.66"));
    }
    assertThat(flood.stream().filter(f -> f.isDone() && f.join() instanceof Admission.Busy))
        .hasSize(200 - Authenticator.MOST_WAITING_OF_ADDRESS);
    CompletableFuture<Admission> other = ask("dear", "correct horse", "192.0.2.2");
    for (int i = 0; i < 200; i++) {
      flood.add(ask("alice", "held again " + i, "198.51.100." + i));
    }
    assertThat(flood.stream().filter(f -> !f.isDone()))
        .hasSize(Authenticator.MOST_WAITING - 1); // the other one waits among them
    assertThat(admission("alice", "correct horse")).isInstanceOf(Admission.Granted.class);
    gate.countDown();
    assertThat(other.get(60, TimeUnit.SECONDS)).isInstanceOf(Admission.Granted.class);
    for (CompletableFuture<Admission> one : flood) {
      assertThat(one.get(60, TimeUnit.SECONDS)).isNotInstanceOf(Admission.Granted.class);
    }
    assertThat(admission("alice", "wrong")).isInstanceOf(Admission.Refused.class);
  }

  @Test
  void aChangedFileCountsAtOnceAndABrokenOneDoesNot() throws Exception {
    User alice = ((Admission.Granted) admission("alice", "correct horse")).user();
    TestUsers.write(file, "alice: {role: viewer}");
    authenticator.refresh();
    assertThat(admission("alice", "correct horse")).isInstanceOf(Admission.Granted.class);
    assertThat(authenticator.welcome(alice)).isTrue();
    TestUsers.write(file, TestUsers.line("alice", "battery staple", "role: viewer"));
    authenticator.refresh();
    assertThat(admission("alice", "correct horse")).isInstanceOf(Admission.Refused.class);
    assertThat(admission("alice", "battery staple")).isInstanceOf(Admission.Granted.class);
    assertThat(authenticator.welcome(alice)).isFalse();
  }

  @Test
  void credentialsEndAtTheirTimeThoughTheyWereVerifiedBefore() throws Exception {
    TestUsers.write(
        file,
        TestUsers.line("alice", "correct horse", "role: viewer, expires: 2027-01-01T00:01:00Z"));
    authenticator.refresh();
    User alice = ((Admission.Granted) admission("alice", "correct horse")).user();
    now.set(Instant.parse("2027-01-01T00:00:59Z"));
    assertThat(admission("alice", "correct horse")).isInstanceOf(Admission.Granted.class);
    assertThat(authenticator.welcome(alice)).isTrue();
    now.set(Instant.parse("2027-01-01T00:01:00Z"));
    assertThat(admission("alice", "correct horse")).isInstanceOf(Admission.Refused.class);
    assertThat(authenticator.welcome(alice)).isFalse();
  }
}

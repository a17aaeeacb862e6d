package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TeamTest {

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 1", "1, 9", "2, 1", "2, 2", "2, 1000", "3, 0", "3, 2", "8, 3", "8, 1000"})
  void everyPartRunsOnce(int threads, int parts) throws IOException {
    Team team = new Team(threads);
    for (int again = 0; again < 20; again++) {
      AtomicIntegerArray runs = new AtomicIntegerArray(parts);
      team.run(parts, runs::incrementAndGet);
      for (int part = 0; part < parts; part++) {
        assertThat(runs.get(part)).as("part %d", part).isEqualTo(1);
      }
    }
  }

  @Test
  void whatPartsWroteIsSeenByTheCaller() {
    Team team = new Team(4);
    for (int again = 0; again < 200; again++) {
      int[] written = new int[64]; // plain, so that only the team makes it visible
      team.compute(written.length, part -> written[part] = part + 1);
      for (int part = 0; part < written.length; part++) {
        assertThat(written[part]).isEqualTo(part + 1);
      }
    }
  }

  @Test
  void aTeamOfOneIsTheCallerAlone() throws IOException {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    new Team(1).run(50, part -> seen.add(Thread.currentThread()));
    Team.alone().run(50, part -> seen.add(Thread.currentThread()));
    assertThat(seen).containsExactly(Thread.currentThread());
    assertThat(Team.alone().threads()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void asManyThreadsAsItHasWorkAtOnce(int threads) throws IOException {
    CountDownLatch together = new CountDownLatch(threads);
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    new Team(threads)
        .run(
            threads,
            part -> {
              seen.add(Thread.currentThread());
              together.countDown();
              await(together);
            });
    assertThat(seen).hasSize(threads).contains(Thread.currentThread());
    assertThat(seen).filteredOn(t -> t != Thread.currentThread()).allMatch(Thread::isDaemon);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aPartsExceptionReachesTheCallerAsItIs(int threads) throws IOException {
    Team team = new Team(threads);
    for (Throwable failure :
        List.of(
            new IOException("gone"),
            new IllegalStateException("wrong"),
            new StackOverflowError())) {
      AtomicInteger begun = new AtomicInteger();
      assertThatThrownBy(() ->
              team.run(
                  1000,
                  part -> {
                    begun.incrementAndGet();
                    if (part == 7) {
                      fail(failure);
                    }
                  }))
          .isSameAs(failure);
      assertThat(begun.get()).isBetween(1, 1000);
      AtomicInteger after = new AtomicInteger();
      team.run(10, part -> after.incrementAndGet());
      assertThat(after).as("the team works on").hasValue(10);
    }
    IOException gone = new IOException("gone");
    assertThatThrownBy(() -> team.compute(3, part -> fail(gone)))
        .isInstanceOf(UncheckedIOException.class)
        .hasCause(gone);
  }

  @Test
  void afterAFailureNoFurtherPartBegins() {
    AtomicInteger begun = new AtomicInteger();
    assertThatThrownBy(() ->
            new Team(1)
                .run(
                    100,
                    part -> {
                      begun.incrementAndGet();
                      if (part == 3) {
                        throw new IOException("gone");
                      }
                    }))
        .isInstanceOf(IOException.class);
    assertThat(begun).hasValue(4);
  }

  @Test
  void aHelpersExceptionReachesTheCallerToo() {
    Thread caller = Thread.currentThread();
    CountDownLatch together = new CountDownLatch(2);
    assertThatThrownBy(() ->
            new Team(2)
                .run(
                    2,
                    part -> {
                      together.countDown();
                      await(together);
                      if (Thread.currentThread() != caller) {
                        throw new IOException("a helper's");
                      }
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("a helper's");
  }

  @Test
  void severalCallersShareOneTeam() throws Exception {
    Team team = new Team(3);
    int callers = 4;
    try (ExecutorService service = Executors.newFixedThreadPool(callers)) {
      List<Future<Long>> sums = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        sums.add(
            service.submit(() -> {
              long sum = 0;
              for (int again = 0; again < 50; again++) {
                long[] squares = new long[100];
                team.run(squares.length, part -> squares[part] = (long) part * part);
                for (long square : squares) {
                  sum += square;
                }
              }
              return sum;
            }));
      }
      for (Future<Long> sum : sums) {
        assertThat(sum.get()).isEqualTo(50L * 328_350);
      }
    }
  }

  @Test
  void aPartMayCallItsOwnTeam() throws IOException {
    Team team = new Team(2);
    AtomicInteger runs = new AtomicInteger();
    team.run(6, outer -> team.run(5, inner -> runs.incrementAndGet()));
    assertThat(runs).hasValue(30);
  }

  @Test
  void anInterruptIsKeptForTheCaller() throws IOException {
    AtomicInteger runs = new AtomicInteger();
    Thread.currentThread().interrupt();
    new Team(2).run(20, part -> runs.incrementAndGet());
    assertThat(Thread.interrupted()).isTrue();
    assertThat(runs).hasValue(20);
  }

  private static void fail(Throwable failure) throws IOException {
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(failure);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

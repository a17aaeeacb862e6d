package dev.sinkwatch.dashboard.silence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.dashboard.silence.SilenceException.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SilencesTest {
  private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");
  private static final String WISH =
      "{'run':'r','alarm':'HomogeneityTrap','seconds':60,'reason':' mended at noon '}";
  private static final Alarm TRAP =
      SilenceSetTest.alarm("r", "HomogeneityTrap", "h.0", AlarmState.FIRING);

  /** What lies on the topic; other monitors read the same. */
  private final Map<String, byte[]> kept = new HashMap<>();

  private Instant now = START;
  private final InstantSource clock = () -> now;
  private final Silences silences = new Silences(this::keep, clock);

  private CompletableFuture<Void> keep(String id, byte @Nullable [] value) {
    if (value == null) {
      kept.remove(id);
    } else {
      kept.put(id, value);
    }
    return CompletableFuture.completedFuture(null);
  }

  private byte[] value(Silence silence) {
    return requireNonNull(kept.get(silence.id()));
  }

  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(UTF_8);
  }

  private Silence begin(String wish) throws SilenceException {
    return silences.begin(json(wish), "alice").join();
  }

  @Test
  void itStandsUntilItIsOverAndIsThenForgottenByAll() throws Exception {
    assertThat(silences.tick()).isFalse();
    Silence silence = begin(WISH);
    assertThat(silence.layer()).isEqualTo("*");
    assertThat(silence.by()).isEqualTo("alice");
    assertThat(silence.reason()).isEqualTo("mended at noon");
    assertThat(silence.created()).isEqualTo(START.toEpochMilli());
    assertThat(silence.until()).isEqualTo(START.plusSeconds(60).toEpochMilli());
    assertThat(silences.standing()).containsExactly(silence);
    assertThat(silences.until(TRAP)).isEqualTo(silence.until());
    assertThat(silences.tick()).isTrue();
    assertThat(silences.tick()).isFalse();
    assertThat(kept).containsOnlyKeys(silence.id());

    now = START.plusSeconds(60);
    assertThat(silences.until(TRAP)).as("over without being told").isNull();
    assertThat(silences.standing()).isEmpty();
    assertThat(silences.tick()).isTrue();
    assertThat(kept).isEmpty();
    assertThat(silences.tick()).isFalse();
  }

  @Test
  void anotherMonitorHearsOfIt() throws Exception {
    Silence silence = begin(WISH);
    Silences other = new Silences(this::keep, clock);
    other.heard(silence.id(), value(silence));
    assertThat(other.standing()).containsExactly(silence);
    assertThat(other.tick()).isTrue();
    other.heard(silence.id(), value(silence));
    assertThat(other.tick()).as("nothing new").isFalse();
    other.heard(silence.id());
    assertThat(other.standing()).isEmpty();
    assertThat(other.tick()).isTrue();
  }

  @Test
  void whatWasEndedHereIsNotBegunAgainByWhatIsHeardLate() throws Exception {
    Silence silence = begin(WISH);
    byte[] value = value(silence);
    silences.end(silence.id(), "bob").join();
    assertThat(silences.standing()).isEmpty();
    assertThat(kept).isEmpty();
    silences.heard(silence.id(), value);
    assertThat(silences.standing()).isEmpty();
    assertThat(
            catchThrowableOfType(SilenceException.class, () -> silences.end(silence.id(), "bob"))
                .refusal())
        .isEqualTo(Refusal.UNKNOWN);
  }

  @Test
  void nothingStandsThatTheJournalHasNotTaken() throws Exception {
    Silences cut =
        new Silences((id, value) -> CompletableFuture.failedFuture(new Exception("gone")), clock);
    CompletableFuture<Silence> outcome = cut.begin(json(WISH), "alice");
    assertThatThrownBy(outcome::join)
        .cause()
        .isInstanceOfSatisfying(
            SilenceException.class,
            e -> {
              assertThat(e.refusal()).isEqualTo(Refusal.UNAVAILABLE);
              assertThat(e.line()).isEqualTo("Kafka has not acknowledged it: gone");
            });
    assertThat(cut.standing()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "not|not JSON: Unrecognized token 'not'",
        "[]|a JSON object is expected",
        "~~|a JSON object is expected",
        "{'run':'r','run':'s'}|not JSON: Duplicate",
        "{} {}|not JSON: ",
        "{'run':'r','alarm':'*','seconds':1,'reason':'x','by':'root'}|only run, alarm, layer,",
        "{'run':'r','alarm':'*','reason':'x'}|give until, in milliseconds since 1970, or seconds",
        "{'run':'r','alarm':'*','seconds':1,'until':1,'reason':'x'}|give until, in milliseconds",
        "{'alarm':'*','seconds':1,'reason':'x'}|run must be a string",
        "{'run':'a b','alarm':'*','seconds':1,'reason':'x'}|a run's name is ",
        "{'run':'r','alarm':'Trap','seconds':1,'reason':'x'}|there is no such alarm; there are *",
        "{'run':'*','alarm':'*','seconds':1,'reason':'x'}|name a run or an alarm: * for both",
        "{'run':'r','alarm':'*','layer':'','seconds':1,'reason':'x'}|the layer's name has 0 char",
        "{'run':'r','alarm':'*','layer':7,'seconds':1,'reason':'x'}|layer must be a string",
        "{'run':'r','alarm':'*','seconds':1.5,'reason':'x'}|seconds must be a whole number",
        "{'run':'r','alarm':'*','seconds':'1','reason':'x'}|seconds must be a whole number",
        "{'run':'r','alarm':'*','seconds':0,'reason':'x'}|its end is in the past",
        "{'run':'r','alarm':'*','seconds':-9223372036854775808,'reason':'x'}|its end is in the past",
        "{'run':'r','alarm':'*','until':1,'reason':'x'}|its end is in the past",
        "{'run':'r','alarm':'*','seconds':2592001,'reason':'x'}|a silence lasts 30 days at most",
        "{'run':'r','alarm':'*','seconds':9223372036854775807,'reason':'x'}|a silence lasts 30 days",
        "{'run':'r','alarm':'*','seconds':92233720368547758070,'reason':'x'}|seconds must be a whole",
        "{'run':'r','alarm':'*','until':9223372036854775807,'reason':'x'}|a silence lasts 30 days",
        "{'run':'r','alarm':'*','seconds':1}|reason must be a string",
        "{'run':'r','alarm':'*','seconds':1,'reason':'  '}|say why, in reason",
        "{'run':'r','alarm':'*','seconds':1,'reason':'a\\nb'}|a reason is one line without",
      })
  void aWishThatMayNotBeIsRefusedInOneLine(String wish, String line) {
    SilenceException refused = catchThrowableOfType(SilenceException.class, () -> begin(wish));
    assertThat(refused.refusal()).isEqualTo(Refusal.INVALID);
    assertThat(refused.line()).startsWith(line).doesNotContain("\n");
    assertThat(kept).isEmpty();
  }

  @Test
  void theLongestAreTaken() throws Exception {
    String most = "😀".repeat(500);
    begin(WISH.replace("60", "2592000").replace(" mended at noon ", most));
    assertThatThrownBy(() -> begin(WISH.replace(" mended at noon ", most + "x")))
        .hasMessage("a reason has 500 characters at most");
    begin(WISH.replace("'r'", "'r','layer':'" + "l".repeat(256) + "*'"));
    assertThat(silences.standing()).hasSize(2);
  }

  @Test
  void thereIsAMostAndThoseThatAreOverMakeRoom() throws Exception {
    for (int i = 0; i < Silences.MOST; i++) {
      begin(WISH);
    }
    assertThat(catchThrowableOfType(SilenceException.class, () -> begin(WISH)).refusal())
        .isEqualTo(Refusal.FULL);
    now = START.plusSeconds(61);
    begin(WISH);
    assertThat(silences.standing()).hasSize(1);
  }

  @Test
  void whatIsHeardIsBoundedToo() throws Exception {
    Silence silence = begin(WISH);
    String value = new String(value(silence), UTF_8);
    int refused = 0;
    for (int i = 0; i < 2 * Silences.MOST; i++) {
      try {
        silences.heard("id-" + i, value.replace(silence.id(), "id-" + i).getBytes(UTF_8));
      } catch (SilenceException e) {
        assertThat(e.refusal()).isEqualTo(Refusal.FULL);
        refused++;
      }
    }
    assertThat(silences.standing()).hasSize(2 * Silences.MOST + 1 - refused).hasSize(1100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "{}",
        "{'id':'other','run':'r','alarm':'*','layer':'*','until':UNTIL,'by':'a','reason':'x',"
            + "'created':0}",
        "{'id':'id','run':'*','alarm':'*','layer':'*','until':UNTIL,'by':'a','reason':'x',"
            + "'created':0}",
        "{'id':'id','run':'r','alarm':'*','layer':'*','until':FAR,'by':'a','reason':'x',"
            + "'created':0}",
        "{'id':'id','run':'r','alarm':'*','layer':'*','until':UNTIL,'by':'a b','reason':'x',"
            + "'created':0}",
      })
  void whatIsNoSilenceOnTheTopicIsPassedBy(String value) {
    String until = Long.toString(START.plusSeconds(60).toEpochMilli());
    String far = Long.toString(START.plus(Duration.ofDays(32)).toEpochMilli());
    byte[] bytes = json(value.replace("UNTIL", until).replace("FAR", far));
    assertThatThrownBy(() -> silences.heard("id", bytes)).isInstanceOf(SilenceException.class);
    assertThat(silences.standing()).isEmpty();
    assertThat(silences.tick()).isFalse();
  }
}

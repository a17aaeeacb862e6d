package dev.sinkwatch.dashboard.silence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Which alarms silences cover. */
class SilenceSetTest {
  private static final List<String> LAYERS = List.of("", "h", "h.1", "h.1.attn", "h.10", "*", "h*");

  @Property
  void theLastOfThoseThatCoverItDecides(
      @ForAll("silences") List<Silence> silences, @ForAll("alarms") Alarm alarm) {
    long now = 50;
    OptionalLong last =
        silences.stream()
            .filter(silence -> silence.until() > now && covers(silence, alarm))
            .mapToLong(Silence::until)
            .max();
    Long until = new SilenceSet(silences).until(alarm, now);
    assertThat(until)
        .isEqualTo(
            last.isPresent() && alarm.state() != AlarmState.INACTIVE ? last.getAsLong() : null);
    assertThat(new SilenceSet(silences).standing(now))
        .containsExactlyInAnyOrderElementsOf(
            silences.stream().filter(silence -> silence.until() > now).toList())
        .isSortedAccordingTo((a, b) -> Long.compare(a.until(), b.until()));
  }

  /** By regular expressions, which the code has none of. */
  private static boolean covers(Silence silence, Alarm alarm) {
    String layer = silence.layer();
    boolean prefix = layer.endsWith("*");
    String literal = prefix ? layer.substring(0, layer.length() - 1) : layer;
    return (silence.run().equals("*") || silence.run().equals(alarm.run()))
        && (silence.alarm().equals("*") || silence.alarm().equals(alarm.name()))
        && alarm.layer().matches("\\Q" + literal + "\\E" + (prefix ? ".*" : ""));
  }

  @Provide
  Arbitrary<List<Silence>> silences() {
    return Combinators.combine(
            Arbitraries.of("r", "s", "*"),
            Arbitraries.of("HomogeneityTrap", "StaleRun", "*"),
            Arbitraries.of("h", "h.1", "h.1*", "h*", "h**", "*"),
            Arbitraries.longs().between(40, 60),
            Arbitraries.integers().between(0, 1_000_000))
        .as((run, alarm, layer, until, id) ->
            new Silence("id-" + id, run, alarm, layer, until, "alice", "because", 0))
        .list()
        .ofMaxSize(8);
  }

  @Provide
  Arbitrary<Alarm> alarms() {
    return Combinators.combine(
            Arbitraries.of("r", "s"),
            Arbitraries.of("HomogeneityTrap", "StaleRun"),
            Arbitraries.of(LAYERS),
            Arbitraries.of(AlarmState.values()))
        .as(SilenceSetTest::alarm);
  }

  @Example
  void starAloneCoversAlarmsOnChainsAndOnTheRunToo() {
    Alarm ofRun = alarm("r", "StaleRun", "", AlarmState.FIRING);
    assertThat(until("*", ofRun)).isEqualTo(60);
    assertThat(until("h*", ofRun)).isNull();
    assertThat(until("*", alarm("r", "StaleRun", "h", AlarmState.PENDING))).isEqualTo(60);
    assertThat(until("*", alarm("r", "StaleRun", "h", AlarmState.INACTIVE))).isNull();
  }

  private static @Nullable Long until(String layer, Alarm alarm) {
    Silence silence = new Silence("a", "r", "*", layer, 60, "alice", "because", 0);
    return new SilenceSet(List.of(silence)).until(alarm, 50);
  }

  static Alarm alarm(String run, String name, String layer, AlarmState state) {
    return new Alarm(run, "", layer, name, Severity.CRITICAL, state, 7, 7, 0, 0, null, "because");
  }
}

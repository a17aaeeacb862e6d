package dev.sinkwatch.dashboard.runs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AlarmJsonTest {

  @Test
  void theStepOfTheWordsIsToldWhereItIsKnown() {
    ObjectNode trap = AlarmJson.alarm(alarm("HomogeneityTrap", null));
    assertThat(trap.path("reasonStep").asLong()).isEqualTo(900);
    assertThat(trap.has("projectedStep")).isFalse();

    ObjectNode drift = AlarmJson.alarm(alarm("SpectralDrift", 2000L));
    assertThat(drift.path("projectedStep").asLong()).isEqualTo(2000);
    assertThat(drift.has("reasonStep")).as("it may have been told anew").isFalse();
  }

  private static Alarm alarm(String name, @Nullable Long projected) {
    return new Alarm(
        "r",
        "",
        "blocks.0.mixer",
        name,
        Severity.WARNING,
        AlarmState.FIRING,
        900,
        1234,
        0.05,
        0.1,
        projected,
        "keeps 0.05; weight decay on its logits alone would give 0.0769 by now");
  }
}

package dev.sinkwatch.dashboard.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SinkingRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlarmLogTest {
  private final List<String> lines = new ArrayList<>();
  private final AlarmLog log = new AlarmLog((level, line) -> lines.add(level + " " + line));

  @Test
  void eightySixLayersThatCollapseAreOneLine() {
    SinkingRun run = new SinkingRun("r", 4, 86, 1000, log);
    for (int step = 1; step <= 10; step++) {
      run.step(step, 0.05);
    }
    log.flush();
    assertThat(lines)
        .filteredOn(line -> line.contains("HomogeneityTrap"))
        .singleElement()
        .asString()
        .startsWith("WARN run r: HomogeneityTrap (critical) fires on 86 layers since step 8")
        .contains("keeps at most");

    lines.clear();
    log.flush();
    assertThat(lines).isEmpty();
    for (int step = 11; step <= 20; step++) {
      run.step(step, 0.9);
    }
    log.flush();
    assertThat(lines).contains("INFO run r: HomogeneityTrap on 86 layers has cleared");
  }

  @Test
  void whatCameAndWentInBetweenIsNoLine() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, log);
    for (int step = 1; step <= 20; step++) {
      run.step(step, step > 5 && step < 10 ? 0.05 : 0.9);
    }
    log.flush();
    assertThat(lines).isEmpty();
  }

  @Test
  void aRunThatIsForgottenIsNoLineAnyMore() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, log);
    for (int step = 1; step <= 10; step++) {
      run.step(step, 0.05);
    }
    log.forgotten("r");
    log.flush();
    assertThat(lines).isEmpty();
  }
}

package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedRecordsTest {

  static List<MalformedRecords.Malformed> records() {
    return MalformedRecords.all();
  }

  @ParameterizedTest
  @MethodSource("records")
  void isRefusedForItsReason(MalformedRecords.Malformed record) {
    RejectedException refusal =
        catchThrowableOfType(RejectedException.class, () -> ShardCodec.decode(record.value(), 0));

    assertThat(refusal).isNotNull();
    assertThat(refusal.rejection().reason()).isEqualTo(record.expected());
    assertThat(refusal.rejection().detail())
        .isNotBlank()
        .hasSizeLessThan(200)
        .matches("\\p{Print}+");
  }

  @Test
  void coversEveryReasonThatShowsInTheRecordAlone() {
    EnumSet<Reason> covered = EnumSet.noneOf(Reason.class);
    records().forEach(record -> covered.add(record.expected()));

    assertThat(covered).isEqualTo(EnumSet.range(Reason.TOO_SHORT, Reason.WEIGHT_DECAY_INVALID));
  }

  @Test
  void aRecordWithoutValueIsTooShort() {
    RejectedException refusal =
        catchThrowableOfType(RejectedException.class, () -> ShardCodec.decode(null, 0));

    assertThat(refusal.rejection().reason()).isEqualTo(Reason.TOO_SHORT);
  }
}

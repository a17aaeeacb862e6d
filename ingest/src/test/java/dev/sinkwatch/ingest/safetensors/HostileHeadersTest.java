package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.sinkwatch.ingest.RejectedException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a record that is refused costs, whatever its header says: little memory, little time. */
class HostileHeadersTest {
  private static final long MOST_BYTES = 64 << 10;
  private static final int TIMES = 50;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** One of them: the least memory and the median processor time. */
  private record Cost(String name, long bytes, double micros) {}

  static List<MalformedRecords.Malformed> headers() {
    return HostileHeaders.all();
  }

  @ParameterizedTest
  @MethodSource("headers")
  void isRefusedForItsReason(MalformedRecords.Malformed record) {
    assertThat(record.value()).hasSizeGreaterThan(1 << 19);
    assertThat(refusal(record).rejection().reason()).isEqualTo(record.expected());
    assertThat(refusal(record).rejection().detail()).hasSizeLessThan(200).matches("\\p{Print}+");
  }

  @Test
  void noneTakesMoreThan64KibibytesBesideTheRecord() {
    List<MalformedRecords.Malformed> all = new ArrayList<>(HostileHeaders.all());
    all.addAll(MalformedRecords.all());
    for (int warmUp = 0; warmUp < 20; warmUp++) {
      all.forEach(HostileHeadersTest::refusal);
    }
    List<Cost> costs = all.stream().map(HostileHeadersTest::cost).toList();
    Cost dearest = costs.stream().max(Comparator.comparingLong(Cost::bytes)).orElseThrow();
    List<Cost> slowest =
        costs.stream()
            .sorted(Comparator.comparingDouble(Cost::micros).reversed())
            .limit(3)
            .toList();
    System.out.printf(
        Locale.ROOT,
        "%d hostile headers refused: processor time at the median %.0f us, most %s; most memory %d"
            + " bytes (%s)%n",
        costs.size(),
        costs.stream().mapToDouble(Cost::micros).sorted().toArray()[costs.size() / 2],
        slowest.stream()
            .map(cost -> String.format(Locale.ROOT, "%.0f us (%s)", cost.micros(), cost.name()))
            .collect(Collectors.joining(", ")),
        dearest.bytes(),
        dearest.name());
    assertThat(costs).allSatisfy(cost -> assertThat(cost.bytes()).isLessThanOrEqualTo(MOST_BYTES));
  }

  /** Of memory the least: what else the thread may have taken is not the record's. */
  private static Cost cost(MalformedRecords.Malformed record) {
    long bytes = Long.MAX_VALUE;
    long[] nanos = new long[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      long start = THREADS.getCurrentThreadCpuTime();
      RejectedException refusal = refused(record.value());
      nanos[i] = THREADS.getCurrentThreadCpuTime() - start;
      bytes = Math.min(bytes, THREADS.getCurrentThreadAllocatedBytes() - before);
      assertThat(refusal).isNotNull();
    }
    Arrays.sort(nanos);
    return new Cost(record.name(), bytes, nanos[TIMES / 2] / 1e3);
  }

  private static RejectedException refusal(MalformedRecords.Malformed record) {
    RejectedException refusal =
        catchThrowableOfType(RejectedException.class, () -> ShardCodec.decode(record.value(), 0));
    assertThat(refusal).as(record.name()).isNotNull();
    return refusal;
  }

  private static @Nullable RejectedException refused(byte[] value) {
    try {
      ShardCodec.decode(value, 0);
      return null;
    } catch (RejectedException e) {
      return e;
    }
  }
}

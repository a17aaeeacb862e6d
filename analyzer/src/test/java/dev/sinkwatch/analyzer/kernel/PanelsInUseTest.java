package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.spectrum.Known;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever way a judgement takes, its panels come back to the pool. */
class PanelsInUseTest {

  /** Sums far from 1 make it search the operator itself besides; about 3 it is not shifted. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 3})
  void carriedSnapshotsOfLeakyOperatorsLeaveNothing(double sum) throws IOException {
    int n = 128;
    RowSource p = leaky(n, sum);
    Known known = new Known(CertifiedMatrices.ofAllSizes(1 << 26));
    OperatorSpectrum spectrum = new OperatorSpectrum(1e-9, Team.alone());
    long before = PanelMatrix.floatsInUse();
    boolean carried = false;
    for (int step = 0; step < 5; step++) {
      OperatorSpectrum.Judged judged =
          spectrum.judge(
              p,
              known,
              survey -> true,
              upper -> false,
              new OperatorSpectrum.Allowance(Integer.MAX_VALUE, true),
              new Random(step));
      carried |= judged.carried();
    }
    assertThat(carried).isTrue();
    assertThat(PanelMatrix.floatsInUse() - before)
        .as("the certified matrix alone")
        .isEqualTo(PanelMatrix.bytes(n, n) / Float.BYTES);
    known.forget();
    assertThat(PanelMatrix.floatsInUse()).isEqualTo(before);
  }

  /** In the midst of a panel, and behind the last row of one. */
  @ParameterizedTest
  @CsvSource({"40, 1", "40, 3", "48, 1", "0, 1", "199, 3"})
  void soTheyDoWhereReadingBreaksOff(int readable, int threads) {
    double[] values = new Random(2).doubles(200 * 70).toArray();
    RowSource rows = new BrokenRows(PiecedRows.of(Dtype.F32, 70, values), readable);
    long before = PanelMatrix.floatsInUse();
    for (boolean keep : new boolean[] {false, true}) {
      for (boolean half : new boolean[] {false, true}) {
        PanelMatrix matrix = new PanelMatrix(rows, 0, 1, keep, half, new Team(threads));
        for (List<Quad> v : List.of(List.<Quad>of(), List.of(new Quad(70)))) {
          assertThatThrownBy(() -> matrix.first(v, false, true, null))
              .isInstanceOf(IOException.class);
          matrix.release();
          assertThat(PanelMatrix.floatsInUse()).isEqualTo(before);
        }
        assertThatThrownBy(() -> matrix.times(List.of(new Quad(70))))
            .isInstanceOf(IOException.class);
        matrix.release();
        assertThat(PanelMatrix.floatsInUse()).isEqualTo(before);
      }
    }
  }

  private static RowSource leaky(int n, double sum) {
    Random random = new Random(1);
    double[] values = new double[n * n];
    for (int i = 0; i < n; i++) {
      double row = sum / n * (1 + 0.3 * (i % 2 == 0 ? 1 : -1));
      for (int j = 0; j < n; j++) {
        values[i * n + j] = row * Math.exp(0.5 * random.nextGaussian());
      }
    }
    return PiecedRows.of(Dtype.F32, n, values);
  }
}

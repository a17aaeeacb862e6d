package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the first pass over a matrix tells, against sums of doubles one after the other. */
class PanelSurveyTest {

  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"F32", "BF16", "F16", "F8_E4M3", "F8_E5M2", "F64", "I8"})
  void figuresAreThoseOfPlainSums(Dtype dtype) throws IOException {
    for (int[] size : new int[][] {{65, 65}, {100, 513}, {513, 100}, {1000, 70}, {33, 2000}}) {
      PiecedRows source =
          dtype.bytes() == 1
              ? PiecedRows.ofCodes(dtype, size[0], size[1], new Random(1))
              : PiecedRows.of(dtype, size[1], uniform(size[0] * size[1], new Random(1), -1));
      assertSurvey(source, 0, 1);
      assertSurvey(source, 0.25f, 1);
      assertSurvey(source, 0.25f, 0x1p-3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 15, 16, 17, 65, 130})
  void squaresOfAnySizeAreSurveyed(int n) throws IOException {
    double[] p = uniform(n * n, new Random(2), 0);
    for (int i = 0; i < n; i++) {
      p[i * (n + 1)] += n; // most of a row's squares on the diagonal
    }
    for (Dtype dtype : new Dtype[] {Dtype.F32, Dtype.F64, Dtype.BF16}) {
      assertSurvey(PiecedRows.of(dtype, n, p), 1f / n, 1);
    }
  }

  @Test
  void ofAlmostTheIdentityTheDistanceKeepsItsDigits() throws IOException {
    int n = 70;
    double[] p = new double[n * n];
    Arrays.setAll(p, i -> i % (n + 1) == 0 ? 1 - 1e-9 : i % (n + 1) == 1 ? 1e-9 : 0);
    assertSurvey(PiecedRows.of(Dtype.F64, n, p), 1f / n, 1);
  }

  @Test
  void anEmptyRowHasNoEntropyAndNegativeZeroIsNotNegative() throws IOException {
    int n = 67;
    double[] p = new double[n * n];
    Arrays.fill(p, -0.0);
    for (Dtype dtype : new Dtype[] {Dtype.F32, Dtype.F64}) {
      Survey survey = survey(PiecedRows.of(dtype, n, p), 1f / n, 1, 1);
      Survey.Mixing mixing = Objects.requireNonNull(survey.mixing());
      assertThat(mixing.negative()).isFalse();
      assertThat(mixing.entropy()).isZero();
      assertThat(mixing.fromIdentity()).isEqualTo(n);
      assertThat(mixing.fromBarycenter()).isCloseTo(1, within(1e-7));
      assertThat(survey.frobenius()).isZero();
    }
    p[n * n - 1] = -1e-30;
    for (Dtype dtype : new Dtype[] {Dtype.F32, Dtype.F64}) {
      Survey survey = survey(PiecedRows.of(dtype, n, p), 1f / n, 1, 1);
      assertThat(Objects.requireNonNull(survey.mixing()).negative()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"F32", "BF16", "F16", "F64"})
  void nonFiniteEntriesAreCounted(Dtype dtype) throws IOException {
    for (int rows : new int[] {1, 3, 18, 77}) {
      double[] values = uniform(rows * 71, new Random(3), -1);
      values[0] = Double.NaN;
      values[70] = Double.POSITIVE_INFINITY;
      values[values.length - 1] = Double.NEGATIVE_INFINITY;
      int expected = rows == 1 ? 2 : 3; // of one row, the last has replaced another
      for (float shift : new float[] {0, 0.25f}) {
        PiecedRows source = PiecedRows.of(dtype, 71, values);
        PanelMatrix matrix = new PanelMatrix(source, shift, 1, false, new Team(2));
        assertThat(matrix.first(List.of(), false, false, null).survey().nonFinite())
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void normsWhoseSquaresOverflowOrVanishAreFound() throws IOException {
    for (double magnitude : new double[] {1e-300, 1e-170, 1e170, 1e300}) {
      double[] values = new double[90 * 70];
      Arrays.fill(values, magnitude);
      PanelMatrix matrix =
          new PanelMatrix(PiecedRows.of(Dtype.F64, 70, values), 0, 1, false, Team.alone());
      Survey survey = matrix.first(List.of(), false, false, null).survey();
      double expected = magnitude * Math.sqrt(values.length);
      assertThat(survey.frobenius()).isCloseTo(expected, within(1e-12 * expected));
      assertThat(survey.nonFinite()).isZero();
      assertThat(survey.rowSums()).isNull();
      assertThat(survey.mixing()).isNull();
    }
  }

  private static void assertSurvey(PiecedRows source, float shift, double scale)
      throws IOException {
    int n = source.columns();
    int rows = (int) source.rows();
    double[] a = source.values();
    Survey survey = survey(source, shift, scale, 1);
    assertThat(survey.nonFinite()).isZero();
    double squares = sum(a.length, i -> a[i] * a[i]);
    assertNear(survey.frobenius(), Math.sqrt(squares), Math.sqrt(squares));
    for (int j = 0; j < n; j++) {
      int column = j;
      assertNear(
          survey.columnSums()[j],
          sum(rows, i -> a[i * n + column]),
          sum(rows, i -> Math.abs(a[i * n + column])));
    }
    if (rows == n) {
      double[] rowSums = Objects.requireNonNull(survey.rowSums());
      for (int i = 0; i < n; i++) {
        int at = i * n;
        assertNear(rowSums[i], sum(n, j -> a[at + j]), sum(n, j -> Math.abs(a[at + j])));
      }
      assertMixing(Objects.requireNonNull(survey.mixing()), a, n, shift);
    } else {
      assertThat(survey.rowSums()).isNull();
    }
    for (int threads : new int[] {2, 3}) {
      Survey other = survey(source, shift, scale, threads);
      assertThat(other.frobenius()).isEqualTo(survey.frobenius());
      assertThat(other.columnSums()).isEqualTo(survey.columnSums());
      assertThat(other.rowSums()).isEqualTo(survey.rowSums());
      assertThat(other.mixing()).isEqualTo(survey.mixing());
    }
  }

  private static void assertMixing(Survey.Mixing mixing, double[] p, int n, float shift) {
    assertThat(mixing.negative()).isEqualTo(Arrays.stream(p).anyMatch(value -> value < 0));
    double fromShift = sum(p.length, i -> (p[i] - shift) * (p[i] - shift));
    assertNear(mixing.fromShift(), fromShift, fromShift);
    double uniform = 1.0 / n;
    double fromBarycenter = sum(p.length, i -> (p[i] - uniform) * (p[i] - uniform));
    assertNear(mixing.fromBarycenter(), fromBarycenter, fromBarycenter + fromShift + 1);
    double fromIdentity =
        sum(
            p.length,
            i -> (p[i] - (i % (n + 1) == 0 ? 1 : 0)) * (p[i] - (i % (n + 1) == 0 ? 1 : 0)));
    assertNear(mixing.fromIdentity(), fromIdentity, fromIdentity);
    double entropy = 0;
    double most = 0;
    for (int i = 0; i < n; i++) {
      int at = i * n;
      double weight = sum(n, j -> Math.abs(p[at + j]));
      entropy +=
          weight == 0
              ? 0
              : sum(
                  n,
                  j -> {
                    double share = Math.abs(p[at + j]) / weight;
                    return share > 0 ? -share * Math.log(share) : 0;
                  });
      most += 1 + Math.abs(Math.log(weight));
    }
    assertThat(mixing.entropy()).isCloseTo(entropy, within(1e-10 * (entropy + most)));
  }

  private static Survey survey(PiecedRows source, float shift, double scale, int threads)
      throws IOException {
    return new PanelMatrix(source, shift, scale, false, new Team(threads))
        .first(List.of(), source.rows() == source.columns(), false, null)
        .survey();
  }

  private static double[] uniform(int count, Random random, double least) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> least + (1 - least) * random.nextDouble());
    return values;
  }

  private static double sum(int count, IntToDoubleFunction term) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += term.applyAsDouble(i);
    }
    return sum;
  }

  private static void assertNear(double actual, double expected, double magnitude) {
    assertThat(actual).isCloseTo(expected, within(1e-11 * magnitude));
  }
}

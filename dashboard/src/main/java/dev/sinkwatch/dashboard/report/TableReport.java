package dev.sinkwatch.dashboard.report;

import dev.sinkwatch.analyzer.alarm.ChainAlarms;
import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table for a person at a terminal: operators first, then ordinary weights, then the chains. */
final class TableReport implements Report {
  /** No certified or carried interval is so wide. */
  private static final double WIDE = 1.3;

  /** Where operators of a batch differ more, the liveliest does not speak for all. */
  private static final double APART = 2;

  private static final int LEAST_NAME = 12;
  private static final String INFO = " (info)";
  private static final String WHY_INFO =
      "(info): rests on a proxy, on an assumption, or on no baseline: one snapshot has no past, and beyond n = 64 a small gain is ordinary";
  private static final String UNDEFINED = "-";

  private final PrintWriter out;
  private final int width;
  private final double eps;
  private final List<LayerVerdict> operators = new ArrayList<>();
  private final List<LayerVerdict> dense = new ArrayList<>();
  private final List<ChainVerdict> chains = new ArrayList<>();
  private String heading = "";
  private int ignored;

  TableReport(PrintWriter out, int width, double eps) {
    this.out = out;
    this.width = width;
    this.eps = eps;
  }

  @Override
  public void step(String path, long step) {
    heading = plain(path) + "  step " + step; // with its table: what is told meanwhile comes before
  }

  @Override
  public void layer(LayerVerdict verdict) {
    if (verdict.kind() == Kind.IGNORE) {
      ignored++;
    } else {
      (verdict.kind().operator() ? operators : dense).add(verdict);
    }
  }

  @Override
  public void chain(ChainVerdict verdict) {
    chains.add(verdict);
  }

  @Override
  public void endOfStep() {
    out.println(heading);
    if (operators.isEmpty()) {
      out.println();
      out.println(NOT_OBSERVABLE);
    } else {
      print(
          List.of(
              "operator",
              "seen as",
              "n",
              "sigma2",
              "gain",
              "depth",
              "residual",
              "entropy",
              "alarms"),
          operators.stream().map(TableReport::operator).toList());
    }
    List<String> notes = TableNotes.of(operators);
    if (!notes.isEmpty()) {
      out.println();
      notes.forEach(out::println);
    }
    if (!dense.isEmpty()) {
      print(
          List.of("dense layer", "shape", "sigma1", "sigma2", "stable rank", "alarms"),
          dense.stream().map(TableReport::dense).toList());
    }
    chains.forEach(this::sentence);
    if (informs()) {
      out.println();
      out.println(WHY_INFO);
    }
    if (ignored > 0) {
      out.println();
      out.println(ignored + (ignored == 1 ? " tensor" : " tensors") + " without a matrix ignored");
    }
    out.println();
    out.flush();
    operators.clear();
    dense.clear();
    chains.clear();
    ignored = 0;
  }

  private boolean informs() {
    return operators.stream().anyMatch(verdict -> !LayerAlarms.informing(verdict).isEmpty())
        || chains.stream()
            .anyMatch(
                chain -> chain.alarms().stream().anyMatch(ChainAlarms.informing(chain)::contains));
  }

  @Override
  public boolean lost() {
    return out.checkError();
  }

  private static List<String> operator(LayerVerdict verdict) {
    boolean figures = verdict.nonFinite() == 0;
    return List.of(
        name(verdict),
        verdict.observability().wireName() + (verdict.projectionAssumed() ? ", assumed" : ""),
        verdict.batch() > 1 ? verdict.batch() + "x" + verdict.n() : "" + verdict.n(),
        figures ? interval(verdict) : UNDEFINED,
        gain(verdict),
        (wide(verdict) ? ">= " : "") + depth(verdict.get(Figure.EFFECTIVE_DEPTH)),
        number(Math.max(verdict.get(Figure.ROW_RESIDUAL), verdict.get(Figure.COLUMN_RESIDUAL))),
        number(verdict.get(Figure.ENTROPY)),
        alarms(verdict.alarms(), LayerAlarms.informing(verdict)));
  }

  private static String alarms(List<String> names, List<String> informing) {
    return names.stream()
        .map(name -> informing.contains(name) ? name + INFO : name)
        .collect(Collectors.joining(" "));
  }

  private static List<String> dense(LayerVerdict verdict) {
    return List.of(
        name(verdict),
        verdict.shape().toString().replace(",", "x"),
        interval(verdict, Figure.SIGMA1, Figure.SIGMA1_LOWER, Figure.SIGMA1_UPPER),
        interval(verdict, Figure.SIGMA2, Figure.SIGMA2_LOWER, Figure.SIGMA2_UPPER),
        stableRank(verdict),
        String.join(" ", verdict.alarms()));
  }

  static String name(LayerVerdict verdict) {
    return plain(verdict.id().layer());
  }

  /** Names come from files: nothing in them may steer the terminal. */
  private static String plain(String name) {
    return name.replaceAll("\\p{C}", "?");
  }

  /** Of a sample of tokens its middle: a maximum only grows with the sample. */
  private static String interval(LayerVerdict verdict) {
    BatchSpread spread = verdict.sigma2Batch();
    if (spread != null && verdict.observability().batchIsSample()) {
      return number(spread.median()) + ", p95 " + number(spread.p95());
    }
    String liveliest = interval(verdict, Figure.SIGMA2, Figure.SIGMA2_LOWER, Figure.SIGMA2_UPPER);
    return spread != null && spread.min() < spread.max() / APART
        ? "%s, median %s, min %s"
            .formatted(liveliest, number(spread.median()), number(spread.min()))
        : liveliest;
  }

  /** A figure with what it is between, unless it is exact. */
  private static String interval(LayerVerdict verdict, Figure figure, Figure lower, Figure upper) {
    String value = number(verdict.get(figure));
    String least = number(verdict.get(lower));
    String most = number(verdict.get(upper));
    return Double.isNaN(verdict.get(lower)) || (least.equals(value) && most.equals(value))
        ? value
        : value + " [" + least + ", " + most + "]";
  }

  /** What the squares make of sigma1, with its interval where that of sigma1 is wide. */
  private static String stableRank(LayerVerdict verdict) {
    String rank = number(verdict.get(Figure.STABLE_RANK));
    double lower = verdict.get(Figure.SIGMA1_LOWER);
    double upper = verdict.get(Figure.SIGMA1_UPPER);
    if (!(upper > WIDE * lower)) {
      return rank;
    }
    double frobenius = verdict.get(Figure.FROBENIUS);
    double least = Math.max(1, Math.pow(frobenius / upper, 2));
    return rank + " [" + number(least) + ", " + number(Math.pow(frobenius / lower, 2)) + "]";
  }

  /** With its interval where that is wider than any that is certified or carried. */
  private static String gain(LayerVerdict verdict) {
    String gain = number(verdict.get(Figure.DETAIL_GAIN));
    return wide(verdict)
        ? gain
            + " ["
            + number(verdict.get(Figure.DETAIL_GAIN_LOWER))
            + ", "
            + number(verdict.get(Figure.DETAIL_GAIN_UPPER))
            + "]"
        : gain;
  }

  /** Whether one pass was all, so that the gain is hardly more than a lower bound. */
  private static boolean wide(LayerVerdict verdict) {
    return verdict.get(Figure.DETAIL_GAIN_UPPER) > WIDE * verdict.get(Figure.DETAIL_GAIN_LOWER);
  }

  private void sentence(ChainVerdict chain) {
    out.println();
    StringBuilder text = new StringBuilder();
    text.append("chain ").append(chain.chain()).append(": ");
    text.append(chain.operators());
    text.append(chain.operators() == 1 ? " operator leaves at most " : " operators leave at most ");
    text.append(number(chain.lastDepthGain())).append(" of the detail");
    double[] composite = chain.compositeGain();
    if (composite != null) {
      text.append(" (indeed ").append(number(composite[composite.length - 1])).append(")");
    }
    text.append("; effective depth ").append(effectiveDepth(chain));
    if (!Double.isNaN(chain.snrCeiling())) {
      text.append("; signal-to-noise at most ").append(number(chain.snrCeiling()));
      text.append(chain.noiseAssumed() ? " (assumed noise)" : "");
    }
    out.println(text);
    if (!chain.missing().isEmpty()) {
      out.println("  without " + plain(String.join(", ", chain.missing())) + ": no finite values");
    }
    if (!chain.alarms().isEmpty()) {
      out.println("  " + alarms(chain.alarms(), ChainAlarms.informing(chain)));
    }
  }

  /** At least all operators where even the last one's bound is above eps. */
  private String effectiveDepth(ChainVerdict chain) {
    boolean open = chain.lastDepthGain() > eps;
    String depth = (open ? ">= " : "") + chain.networkEffectiveDepth();
    double[] composite = chain.compositeGain();
    Integer indeed = chain.compositeEffectiveDepth();
    if (composite == null || indeed == null || composite[indeed - 1] > eps) {
      return depth;
    }
    return open || indeed != chain.networkEffectiveDepth()
        ? depth + " (indeed " + indeed + ")"
        : depth;
  }

  private void print(List<String> head, List<List<String>> rows) {
    int columns = head.size();
    int[] widths = new int[columns];
    for (int c = 0; c < columns; c++) {
      widths[c] = head.get(c).length();
      for (List<String> row : rows) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    int others = 0;
    for (int c = 1; c < columns; c++) {
      others += 2 + widths[c];
    }
    widths[0] = Math.max(LEAST_NAME, Math.min(widths[0], width - others));
    out.println();
    out.println(line(head, widths));
    rows.forEach(row -> out.println(line(row, widths)));
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder(pad(shortened(cells.get(0), widths[0]), widths[0]));
    for (int c = 1; c < cells.size(); c++) {
      line.append("  ").append(pad(cells.get(c), widths[c]));
    }
    return line.toString().stripTrailing();
  }

  /** The end of a name tells more than its beginning. */
  private static String shortened(String name, int most) {
    return name.length() <= most ? name : "…" + name.substring(name.length() - most + 1);
  }

  private static String pad(String text, int length) {
    return text + " ".repeat(Math.max(0, length - text.length()));
  }

  private static String depth(double depth) {
    return Double.isInfinite(depth) ? "∞" : number(depth);
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return UNDEFINED;
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e5)) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    return String.format(Locale.ROOT, size >= 100 ? "%.1f" : "%.4f", value);
  }
}

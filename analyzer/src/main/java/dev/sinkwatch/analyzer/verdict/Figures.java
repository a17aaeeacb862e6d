package dev.sinkwatch.analyzer.verdict;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.ObjDoubleConsumer;

/**
 * The figures of one verdict. A figure is absent (not computed for this kind), undefined (NaN) or a
 * number, which may be infinite. Immutable.
 */
@SuppressWarnings("EnumOrdinal") // an index into this process's arrays, never stored
public final class Figures {

  public static final Figures NONE = new Builder().build();

  private final double[] values;
  private final Set<Figure> present;

  private Figures(double[] values, Set<Figure> present) {
    this.values = values;
    this.present = present;
  }

  public boolean has(Figure figure) {
    return present.contains(figure);
  }

  /** The figure's value; NaN when it is undefined or absent. */
  public double get(Figure figure) {
    return values[figure.ordinal()];
  }

  /** Visits the figures that are present, in the order of {@link Figure}. */
  public void forEach(ObjDoubleConsumer<Figure> visitor) {
    for (Figure figure : present) {
      visitor.accept(figure, get(figure));
    }
  }

  /** These figures with one more, or with another value of it. */
  public Figures with(Figure figure, double value) {
    Builder builder = new Builder();
    forEach(builder::set);
    return builder.set(figure, value).build();
  }

  /**
   * The figures of a batch: of each the liveliest operator's; one undefined value makes the figure
   * undefined.
   *
   * @param batch one or more, all with the same figures present
   */
  public static Figures liveliest(List<Figures> batch) {
    Builder builder = new Builder();
    batch
        .getFirst()
        .forEach((figure, first) -> {
          double value = first;
          for (Figures other : batch) {
            value = figure.livelier(value, other.get(figure)); // NaN wins in both min and max
          }
          builder.set(figure, value);
        });
    return builder.build();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    forEach((figure, value) -> text.append(figure.key()).append('=').append(value).append(' '));
    return text.toString().stripTrailing() + "}";
  }

  /** Collects figures; for one thread. */
  public static final class Builder {
    private final double[] values = new double[Figure.values().length];
    private final EnumSet<Figure> present = EnumSet.noneOf(Figure.class);

    public Builder() {
      Arrays.fill(values, Double.NaN);
    }

    @CanIgnoreReturnValue
    public Builder set(Figure figure, double value) {
      values[figure.ordinal()] = value;
      present.add(figure);
      return this;
    }

    public Figures build() {
      return new Figures(values.clone(), EnumSet.copyOf(present));
    }
  }
}

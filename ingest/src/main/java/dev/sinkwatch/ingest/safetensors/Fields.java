package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code sinkwatch.*} fields of {@code __metadata__}; each method throws its field's own
 * reason when the value is out of its range, and is empty when the field is absent.
 */
public final class Fields {
  private static final Pattern RUN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final int LAYER_CHARACTERS = 256;
  private static final int LONG_DIGITS = 18;
  private static final Pattern RATE = Pattern.compile("[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final int RATE_CHARACTERS = 32;

  private final Map<String, String> metadata;

  public Fields(Map<String, String> metadata) {
    this.metadata = metadata;
  }

  public Optional<String> run() throws RejectedException {
    String run = metadata.get(Keys.RUN);
    return run == null ? Optional.empty() : Optional.of(run(run));
  }

  /** The name itself, if it can be a run's. */
  public static String run(String name) throws RejectedException {
    if (!RUN.matcher(name).matches()) {
      throw new RejectedException(
          Reason.RUN_INVALID, "a run's name is " + RUN.pattern() + ", this one is not");
    }
    return name;
  }

  /** The name itself, if it can be a layer's. */
  public static String layer(String name) throws RejectedException {
    int characters = 0;
    for (int i = 0; i < name.length(); characters++) {
      int character = name.codePointAt(i);
      if (Character.isISOControl(character)) {
        throw new RejectedException(
            Reason.LAYER_INVALID, "the layer's name has a control character");
      }
      if (Character.getType(character) == Character.SURROGATE) {
        throw new RejectedException(
            Reason.LAYER_INVALID, "the layer's name has half of a surrogate pair");
      }
      i += Character.charCount(character);
    }
    if (characters < 1 || characters > LAYER_CHARACTERS) {
      throw new RejectedException(
          Reason.LAYER_INVALID,
          "the layer's name has " + characters + " characters, not 1 to " + LAYER_CHARACTERS);
    }
    return name;
  }

  public OptionalLong step() throws RejectedException {
    String step = metadata.get(Keys.STEP);
    return step == null ? OptionalLong.empty() : OptionalLong.of(step(step));
  }

  /** The step that the digits say. */
  public static long step(String digits) throws RejectedException {
    return number(digits, Long.MAX_VALUE, Reason.STEP_INVALID, Keys.STEP);
  }

  public OptionalInt attempt() throws RejectedException {
    return integer(Keys.ATTEMPT, Reason.ATTEMPT_INVALID);
  }

  public Hints hints() throws RejectedException {
    Optional<Kind> kind = Optional.empty();
    String value = metadata.get(Keys.KIND);
    if (value != null) {
      kind = Kind.named(value);
      require(kind.isPresent(), Reason.KIND_INVALID, Keys.KIND);
    }
    Optional<Observability> observability = Optional.empty();
    value = metadata.get(Keys.OBSERVABILITY);
    if (value != null) {
      observability = Observability.named(value);
      require(observability.isPresent(), Reason.OBSERVABILITY_INVALID, Keys.OBSERVABILITY);
    }
    OptionalInt index = integer(Keys.INDEX, Reason.INDEX_INVALID);
    OptionalInt operators = integer(Keys.OPERATORS, Reason.OPERATORS_INVALID);
    require(operators.orElse(1) >= 1, Reason.OPERATORS_INVALID, Keys.OPERATORS);
    Optional<Activation> activation = Optional.empty();
    value = metadata.get(Keys.ACTIVATION);
    if (value != null) {
      activation = Activation.named(value);
      require(activation.isPresent(), Reason.ACTIVATION_INVALID, Keys.ACTIVATION);
    }
    return new Hints(
        kind.orElse(null),
        observability.orElse(null),
        boxed(index),
        boxed(operators),
        activation.orElse(null),
        rate(Keys.LEARNING_RATE, Reason.LEARNING_RATE_INVALID),
        rate(Keys.WEIGHT_DECAY, Reason.WEIGHT_DECAY_INVALID));
  }

  /** A decimal number of 0 or more, as any language prints one. */
  private @Nullable Double rate(String field, Reason reason) throws RejectedException {
    String value = metadata.get(field);
    if (value == null) {
      return null;
    }
    if (value.length() <= RATE_CHARACTERS && RATE.matcher(value).matches()) {
      double rate = Double.parseDouble(value);
      if (Double.isFinite(rate)) {
        return rate;
      }
    }
    throw new RejectedException(reason, field + " is no finite number of 0 or more, as 3e-4");
  }

  /** The value of plain ASCII digits, at most 18 of them. */
  static long number(String digits, long max, Reason reason, String field)
      throws RejectedException {
    boolean plain = !digits.isEmpty() && digits.length() <= LONG_DIGITS;
    for (int i = 0; plain && i < digits.length(); i++) {
      plain = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
    }
    if (!plain || Long.parseLong(digits) > max) {
      String range = max == Long.MAX_VALUE ? "up to 18 plain digits" : "an integer 0 to " + max;
      throw new RejectedException(reason, field + " is not " + range);
    }
    return Long.parseLong(digits);
  }

  private OptionalInt integer(String field, Reason reason) throws RejectedException {
    String value = metadata.get(field);
    return value == null
        ? OptionalInt.empty()
        : OptionalInt.of((int) number(value, Integer.MAX_VALUE, reason, field));
  }

  private static void require(boolean valid, Reason reason, String field) throws RejectedException {
    if (!valid) {
      throw new RejectedException(reason, field + " is none of the values that it may have");
    }
  }

  private static @Nullable Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }
}

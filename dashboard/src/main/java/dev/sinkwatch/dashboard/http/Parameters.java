package dev.sinkwatch.dashboard.http;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request's query parameters, none unknown, none twice but for one that may; and its path. */
final class Parameters {

  /** A parameter is not what it should be; {@link #line} says so to the client. */
  static final class BadParameterException extends Exception {
    private static final long serialVersionUID = 1;

    private final String line;

    BadParameterException(String line) {
      super(line);
      this.line = line;
    }

    String line() {
      return line;
    }
  }

  private final MultiMap values;

  private Parameters(MultiMap values) {
    this.values = values;
  }

  static Parameters of(RoutingContext context, Set<String> known) throws BadParameterException {
    return of(context, known, Set.of());
  }

  /** Some of them may be given more than once. */
  static Parameters of(RoutingContext context, Set<String> known, Set<String> repeated)
      throws BadParameterException {
    MultiMap values = context.queryParams();
    for (String name : values.names()) {
      if (!known.contains(name)) {
        throw new BadParameterException(
            known.isEmpty()
                ? "no parameters are known here"
                : "unknown parameter; known are " + String.join(", ", new TreeSet<>(known)));
      }
      List<String> all = values.getAll(name);
      if (all.size() > 1 && !repeated.contains(name)) {
        throw new BadParameterException("parameter " + name + " is given twice");
      }
    }
    return new Parameters(values);
  }

  /** The part of the path of that name, which the route has. */
  static String path(RoutingContext context, String name) {
    return Objects.requireNonNull(context.pathParam(name));
  }

  /** The parameter's text; null without it or when it is empty. */
  @Nullable String text(String name) {
    String value = values.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** All its texts but empty ones. */
  Set<String> all(String name) {
    return values.getAll(name).stream()
        .filter(text -> !text.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The parameter as some of those words, with commas between them; none without it. */
  Set<String> words(String name, Set<String> known) throws BadParameterException {
    String value = text(name);
    if (value == null) {
      return Set.of();
    }
    Set<String> words = new TreeSet<>(List.of(value.split(",", -1)));
    if (!known.containsAll(words)) {
      throw new BadParameterException(
          "parameter " + name + " must be some of " + String.join(", ", new TreeSet<>(known)));
    }
    return words;
  }

  /** The text of a parameter that must be there. */
  String needed(String name) throws BadParameterException {
    String value = text(name);
    if (value == null) {
      throw new BadParameterException("parameter " + name + " is missing");
    }
    return value;
  }

  /** The parameter when it is one of those words. */
  String oneOf(String name, String without, List<String> words) throws BadParameterException {
    String value = text(name);
    if (value == null) {
      return without;
    }
    if (!words.contains(value)) {
      throw new BadParameterException(
          "parameter " + name + " must be one of " + String.join(", ", words));
    }
    return value;
  }

  /** The parameter as an integer within bounds. */
  long number(String name, long without, long least, long most) throws BadParameterException {
    String value = text(name);
    if (value == null) {
      return without;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // the same answer as to a number out of bounds
    }
    throw new BadParameterException(
        most == Long.MAX_VALUE
            ? "parameter %s must be an integer of %d or more".formatted(name, least)
            : "parameter %s must be an integer from %d to %d".formatted(name, least, most));
  }
}

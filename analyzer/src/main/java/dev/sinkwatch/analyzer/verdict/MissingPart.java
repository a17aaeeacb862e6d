package dev.sinkwatch.analyzer.verdict;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A tensor that a layer's operators are made of as well, and that a verdict had to do without.
 *
 * @param tensor its name; with {@code |} between them where it may be called in several ways
 */
public record MissingPart(String tensor, Cause cause) {

  /** Why it is missing. */
  public enum Cause {
    /** It had not come when the layer was judged. */
    ABSENT("has not come"),
    /** It was judged as it came, without ever being in memory as a whole. */
    TOO_LARGE("is larger than analysis.max-buffer or the memory that is left"),
    /** Its type, its shape or its values are not those of such a tensor. */
    UNFIT("is not what the profile says it is");

    private final String inWords;

    Cause(String inWords) {
      this.inWords = inWords;
    }

    /** The one of that wire name. */
    public static Optional<Cause> named(String name) {
      return Arrays.stream(values()).filter(each -> each.wireName().equals(name)).findFirst();
    }

    /** As JSON and labels write it. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** For a person: name and cause. */
  public String inWords() {
    return tensor.replace("|", " or ") + " " + cause.inWords;
  }
}

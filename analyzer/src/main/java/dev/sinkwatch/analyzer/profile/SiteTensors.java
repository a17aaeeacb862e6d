package dev.sinkwatch.analyzer.profile;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Other tensors that a rule's operators are made of as well. They are called as the rule's own, but
 * for the end of the name. Immutable.
 *
 * @param end of the name of the rule's own tensor
 * @param ends what the others have in its place; where one may be called in several ways, these
 *     stand beside each other with {@code |} between them
 * @param tokens how the logits depend on the token; null when they do not
 */
public record SiteTensors(String end, Map<Role, String> ends, @Nullable TokenPart tokens) {

  /** What a tensor is for. */
  public enum Role {
    /** F of the logits scale F x + base, where x is the token's normalised input. */
    WEIGHT,
    /** What F x is multiplied by. */
    SCALE,
    /** What the normalised input is multiplied by, element by element. */
    NORM,
    /** The logit of a in (1 - a) I + a P. */
    SHARE_LOGIT;

    /** As profiles write it. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * How logits depend on the token.
   *
   * @param outputsInColumns whether F is stored as {@code [inputs, outputs]}
   * @param eachStream whether each row of logits sees its own stream alone, each stream normalised
   *     by itself; else all logits see all streams
   * @param scaleElement which value of its tensor the scale is
   * @param normOffset what is added to the values of the norm's tensor
   */
  public record TokenPart(
      boolean outputsInColumns, boolean eachStream, int scaleElement, double normOffset) {}

  public SiteTensors {
    ends = Map.copyOf(new EnumMap<>(ends));
  }

  /**
   * Whether the same is taken of the same tensors. Codebases that grew out of each other call them
   * alike, and a name does not tell which streams an output sees.
   */
  public boolean takes(SiteTensors others) {
    return end.equals(others.end)
        && ends.equals(others.ends)
        && Objects.equals(ofAllStreams(tokens), ofAllStreams(others.tokens));
  }

  private static @Nullable TokenPart ofAllStreams(@Nullable TokenPart part) {
    return part == null
        ? null
        : new TokenPart(part.outputsInColumns, false, part.scaleElement, part.normOffset);
  }

  /**
   * What the tensor for a role is called, with {@code |} between its names where it has several.
   *
   * @param speaker name of the rule's own
   */
  public String name(Role role, String speaker) {
    String stem =
        speaker.endsWith(end) ? speaker.substring(0, speaker.length() - end.length()) : speaker;
    return stem + Objects.requireNonNull(ends.get(role)).replace("|", "|" + stem);
  }

  /** What a tensor of that name would be, and whose; empty when it is none of these. */
  Optional<SitePart> part(String name, Rule rule) {
    for (Map.Entry<Role, String> each : ends.entrySet()) {
      for (String its : each.getValue().split("\\|", -1)) {
        if (!its.isEmpty() && name.endsWith(its)) {
          String speaker = name.substring(0, name.length() - its.length()) + end;
          if (rule.match(speaker).isPresent()) {
            return Optional.of(new SitePart(speaker, each.getKey(), this));
          }
        }
      }
    }
    return Optional.empty();
  }
}

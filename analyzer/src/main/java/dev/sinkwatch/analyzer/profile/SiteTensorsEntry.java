package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.profile.SiteTensors.Role;
import dev.sinkwatch.analyzer.profile.SiteTensors.TokenPart;
import dev.sinkwatch.ingest.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part {@code with} of a rule in a profile's file. Stateless. */
final class SiteTensorsEntry {
  private static final String OUTPUTS = "outputs";
  private static final String INPUTS = "inputs";
  private static final String ELEMENT = "element";
  private static final String NORM_OFFSET = "norm-offset";

  private SiteTensorsEntry() {}

  static @Nullable SiteTensors read(Entry rule, Kind kind) throws ProfileException {
    Optional<Entry> entry = rule.find("with");
    if (entry.isEmpty()) {
      return null;
    }
    Entry with = entry.get();
    if (kind != Kind.SINKHORN_LOGITS) {
      throw with.wrong("only operators of kind sinkhorn-logits are made of several tensors");
    }
    with.allow(
        Set.of(
            "end",
            Role.WEIGHT.wireName(),
            OUTPUTS,
            INPUTS,
            Role.SCALE.wireName(),
            ELEMENT,
            Role.NORM.wireName(),
            NORM_OFFSET,
            Role.SHARE_LOGIT.wireName()));
    String end = name(with.get("end"));
    Map<Role, String> ends = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      Optional<Entry> its = with.find(role.wireName());
      if (its.isPresent()) {
        String text = name(its.get());
        if (text.equals(end) || ends.containsValue(text)) {
          throw its.get().wrong("another tensor is called so");
        }
        ends.put(role, text);
      }
    }
    return new SiteTensors(end, ends, tokens(with, ends.keySet()));
  }

  private static @Nullable TokenPart tokens(Entry with, Set<Role> roles) throws ProfileException {
    if (!roles.contains(Role.WEIGHT)) {
      for (String key :
          List.of(OUTPUTS, INPUTS, Role.SCALE.wireName(), ELEMENT, Role.NORM.wireName())) {
        Optional<Entry> useless = with.find(key);
        if (useless.isPresent()) {
          throw useless.get().wrong("means nothing without a weight");
        }
      }
      if (!roles.contains(Role.SHARE_LOGIT)) {
        throw with.wrong("names no tensor: weight and scale, or share-logit");
      }
    }
    if (with.find(NORM_OFFSET).isPresent() && !roles.contains(Role.NORM)) {
      throw with.get(NORM_OFFSET).wrong("means nothing without a norm");
    }
    if (!roles.contains(Role.WEIGHT)) {
      return null;
    }
    Entry _ = with.get(Role.SCALE.wireName());
    return new TokenPart(
        second(with, OUTPUTS, "rows", "columns"),
        second(with, INPUTS, "all-streams", "each-stream"),
        with.find(ELEMENT).isPresent() ? with.get(ELEMENT).integer(0, 1000) : 0,
        with.find(NORM_OFFSET).isPresent() ? with.get(NORM_OFFSET).number(-1, 1) : 0);
  }

  /** Whether the second of two words is there; the first is the default. */
  private static boolean second(Entry with, String key, String first, String second)
      throws ProfileException {
    Optional<Entry> entry = with.find(key);
    return entry.isPresent()
        && entry
            .get()
            .choice(
                word ->
                    word.equals(first) || word.equals(second)
                        ? Optional.of(word.equals(second))
                        : Optional.empty(),
                List.of(first, second));
  }

  private static String name(Entry entry) throws ProfileException {
    if (entry.text().isEmpty() || entry.text().length() > 256) {
      throw entry.wrong("an end of a tensor's name has 1 to 256 characters");
    }
    return entry.text();
  }
}

package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The profiles that come with sinkwatch, each read once from a file of its own. Immutable. */
public final class Profiles {

  /** Picks for each tensor the first built-in rule that knows its name. */
  public static final String AUTO = "auto";

  /** Knows no names: what a tensor is follows from its values and from its publisher. */
  public static final String GENERIC = "generic";

  /** Behind a family's name: with what depends on the token, for isotropic inputs. */
  public static final String ISOTROPIC = "-isotropic";

  /** In the order in which {@link #AUTO} asks, current code before older versions of it. */
  private static final List<Profile> BUILT_IN =
      Stream.of(
              "tokenbender",
              "tokenbender-orthostochastic",
              "tokenbender-orthostochastic-5",
              "deepseek-v4",
              "deepseek-v4-hf",
              "deepseek-v4-hf-sigmoid",
              "megatron",
              "megatron-exp",
              "maxtext",
              "maxtext-columns",
              "maxtext-lite",
              "lucidrains",
              "mhc-lite",
              "kromhc",
              "sinkformer",
              "transport-plan",
              GENERIC)
          .map(Profiles::read)
          .toList();

  private Profiles() {}

  /** Finds the rule for a layer. */
  @FunctionalInterface
  public interface Lookup {
    /** The rule that knows the name, of several one that fits the shape. */
    Optional<Profile.Match> match(String layer, Shape shape);

    /** What a tensor of that name would be to the operators of another one. */
    default Optional<SitePart> part(String layer) {
      return Optional.empty();
    }
  }

  /** Asks all. */
  private enum Auto implements Lookup {
    ALL;

    /** What a rule knows by a tensor's values alone is asked for by its profile's name only. */
    @Override
    public Optional<Profile.Match> match(String layer, Shape shape) {
      Optional<Profile.Match> named = Optional.empty();
      for (Profile profile : BUILT_IN) {
        Optional<Profile.Match> match =
            profile.match(layer, shape).filter(found -> !found.rule().byValues());
        if (match.isPresent() && match.get().rule().fits(shape)) {
          return match;
        }
        named = named.or(() -> match);
      }
      return named;
    }

    @Override
    public Optional<SitePart> part(String layer) {
      return BUILT_IN.stream().flatMap(profile -> profile.part(layer).stream()).findFirst();
    }
  }

  /** All profiles that have a name of their own, in the order in which {@link #AUTO} asks them. */
  public static List<Profile> builtIn() {
    return BUILT_IN;
  }

  /** All names that {@link #named} knows. */
  public static List<String> names() {
    return Stream.concat(
            Stream.of(AUTO),
            BUILT_IN.stream()
                .flatMap(profile ->
                    profile.tokens()
                        ? Stream.of(profile.name(), profile.name() + ISOTROPIC)
                        : Stream.of(profile.name())))
        .toList();
  }

  /**
   * How a layer is looked up under that profile; empty when there is no such profile. A family by
   * its plain name is judged by the part of its mixers that does not depend on the token.
   */
  public static Optional<Lookup> named(String name) {
    if (name.equals(AUTO)) {
      return Optional.of(Auto.ALL);
    }
    for (Profile profile : BUILT_IN) {
      if (name.equals(profile.name())) {
        return Optional.of(profile.withoutTokens());
      }
      if (profile.tokens() && name.equals(profile.name() + ISOTROPIC)) {
        return Optional.of(profile);
      }
    }
    return Optional.empty();
  }

  private static Profile read(String name) {
    String file = name + ".yaml";
    try (InputStream yaml = Profiles.class.getResourceAsStream(file)) {
      return ProfileFile.read(Objects.requireNonNull(yaml, file), file);
    } catch (IOException | ProfileException e) {
      throw new IllegalStateException(file + " cannot be read", e);
    }
  }
}

package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.sinkhorn.Construction;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Profiles as files: YAML with a schema that is the same for those that come with sinkwatch and for
 * a user's own. What is wrong is told with its line.
 */
public final class ProfileFile {

  /** The version of this schema. */
  private static final int SCHEMA = 1;

  private static final int MOST_BYTES = 1 << 20;

  private ProfileFile() {}

  /** Reads a user's own profile. */
  public static Profile read(Path file) throws ProfileException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), true);
    } catch (NoSuchFileException e) {
      throw new ProfileException(file + ": no such file");
    } catch (AccessDeniedException e) {
      throw new ProfileException(file + ": permission denied");
    } catch (IOException e) {
      throw new ProfileException(file + ": cannot be read: " + e.getMessage());
    }
  }

  /** Reads one that comes with sinkwatch. */
  static Profile read(InputStream in, String label) throws IOException, ProfileException {
    return read(in, label, false);
  }

  private static Profile read(InputStream in, String label, boolean ofUser)
      throws IOException, ProfileException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new ProfileException(label + ": more than a MiB is no profile");
    }
    Entry file = Entry.parse(new String(bytes, StandardCharsets.UTF_8), label);
    file.allow(Set.of("schema", "name", "version", "about", "source", "rules"));
    Entry schema = file.get("schema");
    if (schema.integer(1, Integer.MAX_VALUE) != SCHEMA) {
      throw schema.wrong("a schema of " + SCHEMA + " is what this version reads");
    }
    Entry name = file.get("name");
    if (!name.text().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw name.wrong("a name is letters, digits, '.', '_' and '-', 64 at most");
    }
    List<Rule> rules = new ArrayList<>();
    for (Entry rule : file.get("rules").list()) {
      rules.add(rule(rule, ofUser));
    }
    return new Profile(
        name.text(),
        file.find("version").isPresent() ? file.get("version").integer(1, 1_000_000) : 1,
        file.find("about").isPresent() ? file.get("about").text() : "",
        file.find("source").isPresent() ? file.get("source").text() : "",
        List.copyOf(rules));
  }

  private static Rule rule(Entry rule, boolean ofUser) throws ProfileException {
    rule.allow(
        Set.of(
            "tensor",
            "shape",
            "kind",
            "observability",
            "logits",
            "operator",
            "transpose",
            "share",
            "marginals",
            "with"));
    Kind kind =
        rule.find("kind").isEmpty()
            ? Kind.SINKHORN_LOGITS
            : rule.get("kind")
                .choice(name -> Kind.named(name).filter(some -> kinds().contains(name)), kinds());
    Construction construction = OperatorEntry.read(rule, kind);
    LogitsPart logits = logits(rule, kind);
    Optional<Entry> shape = rule.find("shape");
    Rule read =
        new Rule(
            tensor(rule.get("tensor")),
            shape.isPresent() ? shape(shape.get()) : null,
            kind,
            rule.find("observability").isEmpty()
                ? Observability.EXACT
                : rule.get("observability")
                    .choice(
                        Observability::named,
                        Arrays.stream(Observability.values())
                            .map(Observability::wireName)
                            .toList()),
            new Derivation(
                logits,
                construction,
                rule.find("transpose").isPresent() && rule.get("transpose").flag(),
                rule.find("share").isPresent() ? rule.get("share").number(0, 1) : 1),
            marginals(rule, kind),
            SiteTensorsEntry.read(rule, kind),
            ofUser ? rule.place() : null);
    check(rule, read, shape);
    return read;
  }

  /** What can be known to fit no tensor. */
  private static void check(Entry entry, Rule rule, Optional<Entry> shape) throws ProfileException {
    if (rule.byValues()) {
      return;
    }
    if (rule.derivation().logits() instanceof LogitsPart.Slice slice) {
      Construction construction = rule.derivation().construction();
      int count = slice.to() - slice.from();
      if (construction.sizeOf(count) == 0) {
        throw entry
            .get("logits")
            .wrong(count + " values make no operator by " + construction.inWords());
      }
    }
    Optional<String> misfit = Optional.ofNullable(rule.shape()).flatMap(rule::misfit);
    if (misfit.isPresent()) {
      throw shape.orElse(entry).wrong(misfit.get());
    }
  }

  private static Pattern tensor(Entry entry) throws ProfileException {
    try {
      return Pattern.compile(entry.text());
    } catch (PatternSyntaxException e) {
      throw entry.wrong("not a regular expression: " + e.getDescription());
    }
  }

  private static Shape shape(Entry entry) throws ProfileException {
    List<Entry> dimensions = entry.list();
    long[] sizes = new long[dimensions.size()];
    long elements = 1;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = dimensions.get(i).integer(1, Integer.MAX_VALUE);
      elements = elements > Long.MAX_VALUE / sizes[i] ? Long.MAX_VALUE : elements * sizes[i];
    }
    if (sizes.length == 0 || elements == Long.MAX_VALUE) {
      throw entry.wrong("no tensor has that shape");
    }
    return Shape.of(sizes);
  }

  private static List<String> kinds() {
    return Stream.of(Kind.SINKHORN_LOGITS, Kind.DOUBLY_STOCHASTIC, Kind.TRANSPORT_PLAN)
        .map(Kind::wireName)
        .toList();
  }

  private static LogitsPart logits(Entry rule, Kind kind) throws ProfileException {
    Optional<Entry> entry = rule.find("logits");
    if (kind != Kind.SINKHORN_LOGITS) {
      if (entry.isPresent()) {
        throw entry.get().wrong("only a rule of kind sinkhorn-logits has logits");
      }
      return LogitsPart.Place.MATRIX;
    }
    Entry place = rule.get("logits");
    String text = place.text();
    if (text.matches("\\d{1,9}:\\d{1,9}")) {
      int colon = text.indexOf(':');
      int from = Integer.parseInt(text.substring(0, colon));
      int to = Integer.parseInt(text.substring(colon + 1));
      if (from >= to) {
        throw place.wrong("slice " + text + " holds nothing");
      }
      return new LogitsPart.Slice(from, to);
    }
    List<String> names =
        Arrays.stream(LogitsPart.Place.values()).map(LogitsPart.Place::wireName).toList();
    return place.choice(
        name ->
            Arrays.stream(LogitsPart.Place.values())
                .filter(some -> some.wireName().equals(name))
                .findFirst(),
        Stream.concat(names.stream(), Stream.of("a slice such as 8:24")).toList());
  }

  private static PlanMarginals marginals(Entry rule, Kind kind) throws ProfileException {
    Optional<Entry> entry = rule.find("marginals");
    if (kind == Kind.SINKHORN_LOGITS) {
      if (entry.isPresent()) {
        throw entry.get().wrong("a rule of kind sinkhorn-logits has none");
      }
      return PlanMarginals.UNIFORM;
    }
    PlanMarginals marginals =
        rule.get("marginals")
            .choice(
                PlanMarginals::named,
                Arrays.stream(PlanMarginals.values()).map(PlanMarginals::wireName).toList());
    if (kind == Kind.DOUBLY_STOCHASTIC && marginals != PlanMarginals.UNIFORM) {
      throw rule.get("marginals").wrong("doubly stochastic matrices have uniform ones");
    }
    return marginals;
  }
}

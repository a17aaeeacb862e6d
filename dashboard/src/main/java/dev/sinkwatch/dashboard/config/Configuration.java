package dev.sinkwatch.dashboard.config;

import dev.sinkwatch.ingest.kafka.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of one process: defaults, then a YAML file, then environment variables, then the
 * command line; the later wins, and what is empty is as if it were not there. {@code kafka.*} keys
 * that are not ours pass through to the Kafka clients. Immutable once read.
 */
public final class Configuration {
  private static final Logger LOG = LoggerFactory.getLogger(Configuration.class);
  private static final String PAGE = "docs/configuration.md lists them all";
  private static final String KAFKA = "kafka.";
  private static final String VARIABLE = "SINKWATCH_";
  private static final String KAFKA_VARIABLE = "SINKWATCH_KAFKA_";

  /** What the launcher reads, and what Kubernetes sets for a service named sinkwatch. */
  private static final Pattern OTHERS =
      Pattern.compile(
          "SINKWATCH_(JAVA_OPTS|"
              + "(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_\\w+)?)?))");

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KiB|MiB|GiB)?");

  /** Above this a size is a mistake: 1 PiB. */
  private static final long MAX_SIZE = 1L << 50;

  private final Map<Setting, String> values;
  private final Map<String, String> kafka;

  private Configuration(Map<Setting, String> values, Map<String, String> kafka) {
    this.values = Map.copyOf(values);
    this.kafka = Map.copyOf(kafka);
  }

  /**
   * Reads the settings.
   *
   * @param file YAML, or null
   * @param arguments what the command line says, by key
   * @throws ConfigException when a key is unknown or the file cannot be read
   */
  public static Configuration read(
      @Nullable Path file, Map<String, String> environment, Map<String, String> arguments)
      throws ConfigException {
    Map<Setting, String> values = new HashMap<>();
    Map<String, String> kafka = new TreeMap<>();
    if (file != null) {
      Map<String, String> said = ConfigFile.read(file);
      refuseUnknown(said.keySet(), file + ": ");
      for (Map.Entry<String, String> entry : said.entrySet()) {
        put(entry.getKey(), entry.getValue(), file + ": ", values, kafka);
      }
    }
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      if (entry.getKey().startsWith(VARIABLE)) {
        putVariable(entry.getKey(), entry.getValue(), values, kafka);
      }
    }
    refuseUnknown(arguments.keySet(), "");
    for (Map.Entry<String, String> entry : arguments.entrySet()) {
      put(entry.getKey(), entry.getValue(), "", values, kafka);
    }
    return new Configuration(values, kafka);
  }

  /** All at once, so that whoever mends them need not try again for each. */
  private static void refuseUnknown(Set<String> keys, String where) throws ConfigException {
    List<String> unknown =
        keys.stream()
            .filter(key -> Setting.ofKey(key).isEmpty() && !key.startsWith(KAFKA))
            .sorted()
            .toList();
    if (!unknown.isEmpty()) {
      throw new ConfigException(
          where
              + (unknown.size() == 1 ? "there is no setting " : "there are no settings ")
              + String.join(", ", unknown)
              + "; "
              + PAGE);
    }
  }

  private static void putVariable(
      String name, String value, Map<Setting, String> values, Map<String, String> kafka)
      throws ConfigException {
    Setting setting = Setting.ofVariable(name).orElse(null);
    if (setting != null) {
      put(setting.key(), value, name + ": ", values, kafka);
    } else if (OTHERS.matcher(name).matches()) {
      LOG.debug("{} is not a setting", name);
    } else if (name.startsWith(KAFKA_VARIABLE)) {
      String key = name.substring(KAFKA_VARIABLE.length());
      put(
          KAFKA + key.toLowerCase(Locale.ROOT).replace('_', '.'),
          value,
          name + ": ",
          values,
          kafka);
    } else {
      // whoever runs the process may have variables of that name for other purposes
      LOG.warn("{} in the environment is no setting; {}", name, PAGE);
    }
  }

  private static void put(
      String key,
      String value,
      String where,
      Map<Setting, String> values,
      Map<String, String> kafka)
      throws ConfigException {
    Setting setting = Setting.ofKey(key).orElse(null);
    if (setting != null) {
      if (!value.isBlank()) {
        values.put(setting, value);
      }
      return;
    }
    String name = key.substring(KAFKA.length());
    if (KafkaSettings.reserved(name)) {
      throw new ConfigException(where + key + " cannot be set: " + instead(name));
    }
    if (!value.isBlank()) {
      kafka.put(name, value);
    }
  }

  private static String instead(String kafkaName) {
    return switch (kafkaName) {
      case "bootstrap.servers" -> "say " + Setting.KAFKA_BOOTSTRAP_SERVERS.key();
      case "group.id" -> "say " + Setting.GROUP.key();
      default -> "sinkwatch rests on its own";
    };
  }

  public String text(Setting setting) {
    return values.getOrDefault(setting, setting.defaultText());
  }

  /** Kafka's own settings, by Kafka's names. */
  public Map<String, String> kafka() {
    return kafka;
  }

  public int integer(Setting setting, int least) throws ConfigException {
    return integer(setting, least, Integer.MAX_VALUE);
  }

  /** A whole number, both ends included. */
  public int integer(Setting setting, int least, int most) throws ConfigException {
    try {
      int value = Integer.parseInt(text(setting).strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw wrong(
        setting,
        most == Integer.MAX_VALUE
            ? "a whole number of at least " + least
            : "a whole number from " + least + " to " + most);
  }

  /** A number strictly between two others. */
  public double number(Setting setting, double above, double below) throws ConfigException {
    try {
      double value = Double.parseDouble(text(setting).strip());
      if (value > above && value < below) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw wrong(
        setting,
        below == Double.POSITIVE_INFINITY
            ? "a number above " + plain(above)
            : "a number between " + plain(above) + " and " + plain(below));
  }

  private static String plain(double number) {
    return number == (long) number ? Long.toString((long) number) : Double.toString(number);
  }

  public boolean flag(Setting setting) throws ConfigException {
    return switch (text(setting).strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(setting, "true or false");
    };
  }

  public Duration duration(Setting setting) throws ConfigException {
    Matcher match = DURATION.matcher(text(setting).strip());
    if (!match.matches()) {
      throw wrong(setting, "a time such as 500ms, 30s, 5m or 24h");
    }
    long count = Long.parseLong(match.group(1));
    return switch (Objects.requireNonNull(match.group(2))) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /** A time that is not zero. */
  public Duration period(Setting setting) throws ConfigException {
    Duration duration = duration(setting);
    if (duration.isZero()) {
      throw wrong(setting, "more than no time");
    }
    return duration;
  }

  /** Bytes, at least one. */
  public long size(Setting setting) throws ConfigException {
    Matcher match = SIZE.matcher(text(setting).strip());
    if (!match.matches()) {
      throw wrong(setting, "a size such as 512MiB");
    }
    long unit =
        switch (Objects.requireNonNullElse(match.group(2), "B")) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1;
        };
    long count = Long.parseLong(match.group(1));
    if (count < 1 || count > MAX_SIZE / unit) {
      throw wrong(setting, "a size from 1B to " + (MAX_SIZE >> 30) + "GiB");
    }
    return count * unit;
  }

  public ConfigException wrong(Setting setting, String expected) {
    String said = setting == Setting.ANALYSIS_SECRET ? "what it is" : text(setting);
    return new ConfigException(setting.key() + " cannot be " + said + ": it must be " + expected);
  }
}

package dev.sinkwatch.dashboard.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.dashboard.config.Setting;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.kafka.RejectedRecord;
import dev.sinkwatch.ingest.kafka.RejectedTopic;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "rejected",
    description = "Lists the records that could not be judged, and why; sends them once more.",
    mixinStandardHelpOptions = true)
final class RejectedCommand implements Callable<Integer> {

  private enum Format {
    TABLE,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServiceOptions service = new ServiceOptions();
  @Mixin private BrokerOptions kafka = new BrokerOptions();

  @Option(
      names = "--reason",
      paramLabel = "REASON,...",
      split = ",",
      description = "only those that were rejected for it: conflict, snapshot-too-large, ...")
  private List<String> reasons = List.of();

  @Option(names = "--run", paramLabel = "R", description = "only those whose key names that run")
  private @Nullable String run;

  @Option(
      names = "--replay",
      description =
          "put them on the topic again that they came from, once what was wrong is mended")
  private boolean replay;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = "table or json, one object a line (default: ${DEFAULT-VALUE})",
      defaultValue = "table")
  private Format format = Format.TABLE;

  private final Map<String, Integer> counts = new TreeMap<>();
  private final Set<String> seen = new HashSet<>();
  private int replayed;
  private int cut;

  @Override
  public Integer call() throws Exception {
    for (String reason : reasons) {
      if (Arrays.stream(Reason.values()).noneMatch(known -> known.wireName().equals(reason))) {
        throw new CommandException(
            "there is no reason %s; there are %s"
                .formatted(
                    reason,
                    Arrays.stream(Reason.values())
                        .map(Reason::wireName)
                        .collect(Collectors.joining(", "))));
      }
    }
    Map<Setting, @Nullable String> options = new HashMap<>();
    options.put(Setting.KAFKA_BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    PrintWriter out = spec.commandLine().getOut();
    try (RejectedTopic topic = new RejectedTopic(Settings.kafka(service.read(options)))) {
      topic.read(record -> {
        if (meant(record)) {
          counts.merge(record.reason(), 1, Integer::sum);
          out.println(format == Format.JSON ? json(record) : line(record));
          if (replay) {
            replay(topic, record);
          }
        }
      });
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new CommandException(
            "%d on their way again, then: %s".formatted(replayed, cause.getMessage()));
      }
      throw e;
    } finally {
      out.flush();
    }
    // programs read objects alone, people read on
    (format == Format.TABLE ? out : spec.commandLine().getErr()).println(sum());
    return Sinkwatch.OK;
  }

  private boolean meant(RejectedRecord record) {
    return (reasons.isEmpty() || reasons.contains(record.reason()))
        && (run == null || record.key().equals(run) || record.key().startsWith(run + "/"));
  }

  /**
   * One after another, since the next one may come later than what it repeats; and once, however
   * often it was rejected.
   */
  private void replay(RejectedTopic topic, RejectedRecord record) {
    if (!record.whole()) {
      cut++;
    } else if (seen.add(content(record))) {
      topic.replay(record).join();
      replayed++;
    }
  }

  private static String content(RejectedRecord record) {
    try {
      byte[] value = record.value();
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(value == null ? new byte[0] : value);
      return HexFormat.of().formatHex(digest) + ' ' + record.topic() + ' ' + record.key();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }

  private static String line(RejectedRecord record) {
    return Terminal.plain(
        "%s  %s  %s-%d@%d  %s  %d bytes%s  %s"
            .formatted(
                time(record),
                record.reason(),
                record.topic(),
                record.partition(),
                record.offset(),
                record.key().isEmpty() ? "(no key)" : record.key(),
                record.size(),
                record.whole() ? "" : ", cut",
                record.detail()));
  }

  private static ObjectNode json(RejectedRecord record) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("time", time(record))
        .put("reason", record.reason())
        .put("detail", record.detail())
        .put("topic", record.topic())
        .put("partition", record.partition())
        .put("offset", record.offset())
        .put("key", record.key())
        .put("size", record.size())
        .put("whole", record.whole());
  }

  private static String time(RejectedRecord record) {
    return Instant.ofEpochMilli(record.millis()).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private String sum() {
    int count = counts.values().stream().mapToInt(Integer::intValue).sum();
    StringBuilder text = new StringBuilder();
    boolean all = reasons.isEmpty() && run == null;
    text.append(count == 0 ? "nothing" : count + (count == 1 ? " record" : " records"));
    text.append(count == 0 && !all ? " that matches was rejected" : " rejected");
    if (count > 0) {
      text.append(": ");
      text.append(
          counts.entrySet().stream()
              .map(entry -> entry.getValue() + " " + entry.getKey())
              .collect(Collectors.joining(", ")));
    }
    if (replay && count > 0) {
      text.append("; ").append(replayed).append(" on their way again");
      if (cut > 0) {
        text.append(", ").append(cut).append(" not: they were too large to be kept whole");
      }
    }
    return text.toString();
  }
}

package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.history.RunRecord.ChainRecord;
import dev.sinkwatch.dashboard.runs.AlarmGroup;
import dev.sinkwatch.dashboard.runs.AlarmJson;
import dev.sinkwatch.dashboard.runs.RunListener;
import dev.sinkwatch.dashboard.silence.Silencing;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What became of the runs, in bounded memory: of each layer, chain and alarm what stands now, and
 * how figures went over the steps. It hears on one thread and may be read by any; the JSON objects
 * that it gives are new and belong to the caller. Infinite and undefined numbers are null.
 */
public final class RunHistory implements RunListener {

  /** Points of all layers together in one answer, so that it stays within a few megabytes. */
  private static final int MAX_POINTS_IN_ANSWER = 100_000;

  /** Dropped runs whose alarms are remembered, as many as a monitor follows. */
  private static final int MAX_DROPPED = 1000;

  private final HistorySettings settings;
  private final InstantSource clock;
  private final HistoryMemory memory;
  private final Silencing silencing;
  private final Map<String, RunRecord> runs = new ConcurrentSkipListMap<>();

  /** The last ones; of the thread that it hears on. */
  private final SequencedMap<String, RunAlarms> alarmsOfDropped = new LinkedHashMap<>();

  /** Of runs of which no alarm is silenced. */
  public RunHistory(HistorySettings settings, InstantSource clock) {
    this(settings, clock, Silencing.NONE);
  }

  public RunHistory(HistorySettings settings, InstantSource clock, Silencing silencing) {
    this.settings = settings;
    this.clock = clock;
    this.memory = new HistoryMemory(settings.bytes());
    this.silencing = silencing;
  }

  @Override
  public void layer(LayerVerdict verdict) {
    record(verdict.id().run()).layer(verdict);
    memory.keep(runs, this::drop);
  }

  @Override
  public void chain(ChainVerdict verdict) {
    record(verdict.run()).chain(verdict);
    memory.keep(runs, this::drop);
  }

  @Override
  public void alarm(Alarm alarm) {
    record(alarm.run()).alarm(alarm);
  }

  @Override
  public void forgotten(String run) {
    runs.remove(run);
    alarmsOfDropped.remove(run);
  }

  /** All runs in short, by name. */
  public ObjectNode runs() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("now", clock.millis());
    ArrayNode array = json.putArray("runs");
    runs.values().forEach(run -> array.add(RunSummary.json(run, run.layers(), silencing)));
    return json;
  }

  /** One run: its latest verdicts in network order and its alarms; empty if it is unknown. */
  public Optional<ObjectNode> run(String name) {
    return Optional.ofNullable(runs.get(name)).map(this::full);
  }

  /** Whether one run should go on; empty if it is unknown. */
  public Optional<ObjectNode> verdict(String name) {
    return Optional.ofNullable(runs.get(name)).map(run -> RunVerdict.json(run, silencing));
  }

  /**
   * How the figures of one run went; empty if the run, or the layer or chain that was asked for, is
   * unknown.
   */
  public Optional<ObjectNode> history(String name, HistoryQuery query) {
    RunRecord run = runs.get(name);
    if (run == null) {
      return Optional.empty();
    }
    if (query.layer() != null) {
      return run.layer(query.layer())
          .map(layer ->
              json(name, layer, query, query.points(), c -> layer.asked(c, query.figures())));
    }
    List<ChainRecord> chains = run.chains();
    if (query.chain() != null) {
      return chains.stream()
          .filter(chain -> chain.latest().chain().equals(query.chain()))
          .findFirst()
          .map(chain -> json(name, chain, query));
    }
    List<LayerRecord> operators = run.layers().stream().filter(LayerRecord::operator).toList();
    int fair = Math.max(1, MAX_POINTS_IN_ANSWER / Math.max(1, operators.size()));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", name);
    ArrayNode layersJson = json.putArray("layers");
    operators.forEach(layer ->
        layersJson.add(json(name, layer, query, Math.min(fair, query.points()), layer::main)));
    ArrayNode chainsJson = json.putArray("chains");
    chains.forEach(chain -> chainsJson.add(json(name, chain, query)));
    return Optional.of(json);
  }

  public boolean knows(String name) {
    return runs.containsKey(name);
  }

  /**
   * How detail fell along a chain, at the last step that is kept up to that one, or else at the
   * first; empty if the run or the chain is unknown.
   *
   * @param chain its name; null: the one with the smallest n
   */
  public Optional<ObjectNode> waterfall(String name, @Nullable String chain, long step) {
    return Optional.ofNullable(runs.get(name)).stream()
        .flatMap(run -> run.chains().stream())
        .filter(known -> chain == null || known.latest().chain().equals(chain))
        .findFirst()
        .map(known -> {
          ObjectNode json = JsonNodeFactory.instance.objectNode();
          json.put("run", name);
          json.put("chain", known.latest().chain());
          json.put("n", known.latest().n());
          known.waterfall().write(json, step, known.latest().snrCritical());
          return json;
        });
  }

  /** The matrix of a layer's latest verdict, if it is kept. */
  public MatrixAnswer matrix(String name, String layer, @Nullable Integer index) {
    RunRecord run = runs.get(name);
    return run == null
        ? new MatrixAnswer.Unknown("no run " + name)
        : MatrixAnswer.of(run.matrix(layer), index);
  }

  /** One figure of a run's layers over the steps, as {@link Grid} says; empty if it is unknown. */
  public Optional<byte[]> grid(String name, GridQuery query) {
    return Optional.ofNullable(runs.get(name))
        .map(run -> {
          List<LayerRecord> layers =
              run.layers().stream().filter(layer -> layer.operator() == query.operators()).toList();
          return Grid.bytes(run, layers, query, clock.millis());
        });
  }

  /**
   * Alarms pending and firing in all runs, one by one and in groups of a run's same alarm, and the
   * last changes, newest first.
   */
  public ObjectNode alarms() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("now", clock.millis());
    ArrayNode alarms = json.putArray("alarms");
    List<Alarm> standing = runs.values().stream().flatMap(run -> run.alarms().stream()).toList();
    standing.forEach(a -> alarms.add(AlarmJson.alarm(a, silencing)));
    ArrayNode groups = json.putArray("groups");
    AlarmGroup.of(standing).forEach(group -> groups.add(AlarmJson.group(group, silencing)));
    ArrayNode changes = json.putArray("changes");
    runs.values().stream()
        .flatMap(run -> run.changes().stream())
        .sorted(Comparator.comparingLong(Alarm::sinceMillis).reversed())
        .limit(settings.alarmChanges())
        .forEach(a -> changes.add(AlarmJson.alarm(a)));
    return json;
  }

  /** What all histories take of the heap, nearly. */
  long bytes() {
    return HistoryMemory.bytes(runs);
  }

  private RunRecord record(String name) {
    RunRecord run = runs.get(name);
    if (run == null) {
      if (runs.size() >= settings.runs()) {
        runs.values().stream()
            .min(Comparator.comparingLong(RunRecord::lastMillis))
            .ifPresent(this::drop);
      }
      RunAlarms known = alarmsOfDropped.remove(name);
      run =
          new RunRecord(
              name, settings, known == null ? new RunAlarms(settings.alarmChanges()) : known);
      runs.put(name, run);
    }
    return run;
  }

  private void drop(RunRecord run) {
    runs.remove(run.run());
    alarmsOfDropped.putLast(run.run(), run.keptAlarms());
    if (alarmsOfDropped.size() > MAX_DROPPED) {
      alarmsOfDropped.pollFirstEntry();
    }
  }

  private ObjectNode full(RunRecord run) {
    List<LayerRecord> layers = run.layers();
    ObjectNode json = RunSummary.json(run, layers, silencing);
    json.put("now", clock.millis());
    ArrayNode verdicts = json.putArray("verdicts");
    layers.forEach(layer -> verdicts.add(VerdictJson.layer(layer.latest())));
    ArrayNode chainVerdicts = json.putArray("chainVerdicts");
    run.chains().forEach(chain -> chainVerdicts.add(VerdictJson.chain(chain.latest())));
    ArrayNode alarms = json.putArray("alarms");
    run.alarms().forEach(alarm -> alarms.add(AlarmJson.alarm(alarm, silencing)));
    ArrayNode changes = json.putArray("changes");
    run.changes().forEach(alarm -> changes.add(AlarmJson.alarm(alarm)));
    return json;
  }

  /**
   * @param columns of the track that are wanted
   */
  private static ObjectNode json(
      String run, LayerRecord layer, HistoryQuery query, int points, IntPredicate columns) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", run);
    json.put("layer", layer.name());
    json.put("kind", layer.latest().kind().wireName());
    layer.track().write(json, query.from(), query.to(), points, columns);
    return json;
  }

  private static ObjectNode json(String run, ChainRecord chain, HistoryQuery query) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", run);
    json.put("chain", chain.latest().chain());
    json.put("n", chain.latest().n());
    AlarmJson.put(json, "snrCritical", chain.latest().snrCritical());
    chain.track().write(json, query.from(), query.to(), query.points(), all -> true);
    return json;
  }
}

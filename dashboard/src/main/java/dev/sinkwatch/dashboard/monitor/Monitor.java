package dev.sinkwatch.dashboard.monitor;

import dev.sinkwatch.analyzer.Pipeline;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.canary.Canary;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.history.HistorySettings;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.http.EventStream;
import dev.sinkwatch.dashboard.http.HttpDoor;
import dev.sinkwatch.dashboard.http.Routes;
import dev.sinkwatch.dashboard.metrics.CanaryMetrics;
import dev.sinkwatch.dashboard.metrics.KafkaMeters;
import dev.sinkwatch.dashboard.metrics.ServiceMetrics;
import dev.sinkwatch.dashboard.metrics.ServiceStatus;
import dev.sinkwatch.dashboard.metrics.UploadMetrics;
import dev.sinkwatch.dashboard.metrics.VerdictMetrics;
import dev.sinkwatch.dashboard.runs.AlarmLog;
import dev.sinkwatch.dashboard.runs.AssumedProjections;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.dashboard.upload.KafkaSink;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.dashboard.upload.Uploads;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.kafka.DeadLetters;
import dev.sinkwatch.ingest.kafka.KafkaShardSource;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The service: shards from the weights topic are judged and their verdicts go to the verdicts
 * topic; all verdicts from there become history, alarms and the page, those of the runs that this
 * monitor owns metrics as well. A shard is acknowledged when Kafka has acknowledged its verdict.
 * Safe to close from any thread.
 */
public final class Monitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
  private static final Retry FOR_EVER =
      Retry.backoff(Long.MAX_VALUE, Duration.ofSeconds(1))
          .maxBackoff(Duration.ofSeconds(30))
          .doBeforeRetry(signal -> LOG.warn("{}; trying again", line(signal.failure())));

  /** Verdicts that may be on their way to Kafka at once. */
  private static final int VERDICTS_UNDER_WAY = 256;

  private final Settings settings;
  private final Ledger ledger = new Ledger();
  private final ServiceMetrics metrics;
  private final Pipeline pipeline;
  private final DeadLetters deadLetters;
  private final RecordPublisher publisher;
  private final KafkaSink uploadSink;
  private final ReadBack readBack;
  private final HttpDoor door;
  private final KafkaMeters kafkaMeters;
  private final Disposable judging;
  private final @Nullable Canary canary;
  private volatile @Nullable KafkaShardSource source;

  private Monitor(Settings settings, Duration patience) throws IOException {
    this.settings = settings;
    HttpDoor.check(settings.http());
    Topics.ensure(settings.kafka(), TopicSettings.of(settings.replicationFactor()), patience);
    this.metrics = new ServiceMetrics(ledger, Version.TEXT);
    this.pipeline =
        new Pipeline(
            new LayerAnalysis(settings.analysis(), settings.secret(), settings.resources()),
            settings.pipeline(),
            System::currentTimeMillis);
    this.deadLetters = new DeadLetters(settings.kafka());
    this.publisher = new RecordPublisher(settings.kafka());
    Clock clock = Clock.systemUTC();
    Silences silences = new Silences(new SilenceRecords(publisher), clock);
    RunHistory history =
        new RunHistory(HistorySettings.ofPoints(settings.historyPoints()), clock, silences);
    EventStream events = new EventStream(clock, silences);
    VerdictMetrics verdictMetrics =
        new VerdictMetrics(metrics.registry(), settings.maxLayers(), silences);
    AlarmLog alarmLog = new AlarmLog();
    RunBook ownBook =
        new RunBook(
            settings.runs(),
            settings.expireAfter(),
            List.of(verdictMetrics, history, events, alarmLog, new AssumedProjections()));
    metrics.gauge("sinkwatch.stream.clients", events::readers);
    metrics.counter("sinkwatch.stream.events.dropped", events::dropped);
    metrics.counter("sinkwatch.verdicts.passed.by", ownBook::passedBy);
    this.readBack =
        new ReadBack(
            settings,
            publisher,
            ownBook,
            new RunBook(settings.runs(), settings.expireAfter(), List.of(history, events)),
            silences,
            List.of(standing -> verdictMetrics.silences(), events::silences));
    UploadLimits limits = UploadLimits.ofHeap();
    this.uploadSink = new KafkaSink(settings.kafka(), Duration.ofMillis(limits.kafkaMillis()));
    Uploads uploads = new Uploads(limits, uploadSink, new UploadMetrics(metrics.registry()));
    ServiceStatus status =
        new ServiceStatus(metrics, Version.TEXT, this::unready, Clock.systemUTC());
    try {
      this.door =
          HttpDoor.open(
              settings.http(),
              new Routes(metrics, this::unready, status, history, events, silences, uploads));
    } catch (IOException e) {
      uploadSink.close();
      publisher.close();
      deadLetters.close();
      metrics.close();
      throw e;
    }
    gauges();
    this.kafkaMeters = new KafkaMeters(metrics.registry());
    kafkaMeters.consumer("weights", () -> ofSource(KafkaShardSource::metrics, Map.of()));
    kafkaMeters.consumer("verdicts", readBack::kafkaMetrics);
    kafkaMeters.producer("publisher", publisher::metrics);
    kafkaMeters.producer("upload", uploadSink::metrics);
    readBack.start(FOR_EVER, alarmLog);
    this.judging =
        Flux.defer(this::verdicts)
            .flatMap(this::publish, VERDICTS_UNDER_WAY)
            .retryWhen(FOR_EVER)
            .subscribe();
    this.canary = settings.canary().enabled() ? canary() : null;
  }

  /**
   * Starts a monitor; it works until it is closed.
   *
   * @throws IOException with one line when Kafka cannot be reached or the address is taken
   */
  public static Monitor start(Settings settings) throws IOException {
    return start(settings, Topics.TIMEOUT);
  }

  /**
   * The same with brokers that may take longer to answer.
   *
   * @param patience longest time that it waits for them
   */
  public static Monitor start(Settings settings, Duration patience) throws IOException {
    return new Monitor(settings, patience);
  }

  /** Where the page is. */
  public String url() {
    return (settings.http().tls() == null ? "http://" : "https://")
        + new Endpoint(settings.http().listen().host(), door.port());
  }

  private Canary canary() {
    Canary begun =
        new Canary(settings.kafka(), settings.canary(), new CanaryMetrics(metrics.registry()));
    metrics.gauge("sinkwatch.canary.in.flight", begun::inFlight);
    begun.start();
    return begun;
  }

  private Flux<Pipeline.Judged> verdicts() {
    KafkaShardSource fresh =
        new KafkaShardSource(settings.kafka(), ledger, deadLetters, Topics.WEIGHTS);
    source = fresh;
    return pipeline.verdicts(fresh);
  }

  private Mono<Void> publish(Pipeline.Judged judged) {
    LayerVerdict verdict = judged.verdict();
    return Mono.fromFuture(() -> send(verdict))
        .retryWhen(FOR_EVER)
        .doOnSuccess(done -> {
          judged.safe();
          metrics.analyzed(judged.nanos(), System.currentTimeMillis() - verdict.appendedMillis());
        });
  }

  private CompletableFuture<Void> send(LayerVerdict verdict) {
    String run = verdict.id().run();
    try {
      return publisher.publish(
          Topics.VERDICTS, run, run + "/" + verdict.id().layer(), VerdictJson.layerBytes(verdict));
    } catch (OutOfMemoryError e) {
      // as it stands it would end the lane, and nobody downstream would hear of it
      return CompletableFuture.failedFuture(new IOException("no memory for a verdict", e));
    }
  }

  private void gauges() {
    metrics.gauge("sinkwatch.ready", () -> ready() ? 1 : 0);
    metrics.gauge("sinkwatch.buffered.bytes", pipeline::bufferedBytes);
    metrics.gauge(
        "sinkwatch.consumer.lag.records", () -> ofSource(KafkaShardSource::lagRecords, 0L));
    metrics.gauge(
        "sinkwatch.consumer.lag.seconds", () -> ofSource(KafkaShardSource::lagSeconds, 0.0));
  }

  private <T> T ofSource(Function<KafkaShardSource, T> figure, T without) {
    KafkaShardSource now = source;
    return now == null ? without : figure.apply(now);
  }

  private List<String> unready() {
    List<String> reasons = new ArrayList<>();
    KafkaShardSource now = source;
    if (now == null || !now.assigned()) {
      reasons.add("no partitions of " + Topics.WEIGHTS + " assigned yet");
    }
    if (!readBack.caughtUp()) {
      reasons.add("reading the last verdicts again");
    }
    return reasons;
  }

  /** Whether it consumes and has read the last verdicts again. */
  public boolean ready() {
    return unready().isEmpty();
  }

  private static String line(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse(failure.toString());
  }

  /**
   * Stops consuming, commits what is done and closes the door; some seconds at most when Kafka does
   * not answer.
   */
  @Override
  public void close() {
    door.close();
    uploadSink.close();
    if (canary != null) {
      canary.close(); // before what it watches, whose end it would take for a loss
    }
    KafkaShardSource consuming = source;
    judging.dispose();
    if (consuming != null) {
      consuming.close();
    }
    readBack.close();
    publisher.close();
    deadLetters.close();
    kafkaMeters.close();
    metrics.close();
  }
}

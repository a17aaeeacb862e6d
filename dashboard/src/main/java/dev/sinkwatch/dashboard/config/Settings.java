package dev.sinkwatch.dashboard.config;

import dev.sinkwatch.analyzer.PipelineSettings;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.alarm.AlarmSettings;
import dev.sinkwatch.analyzer.layer.AnalysisResources;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.profile.ProfileException;
import dev.sinkwatch.analyzer.profile.ProfileFile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.dashboard.canary.CanarySettings;
import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;

/** The monitor's settings, each checked. */
@SuppressWarnings("ArrayRecordComponent") // the secret is never compared
public record Settings(
    KafkaSettings kafka,
    short replicationFactor,
    HttpSettings http,
    AnalysisSettings analysis,
    AnalysisResources resources,
    byte[] secret,
    RunSettings runs,
    PipelineSettings pipeline,
    int maxLayers,
    Duration expireAfter,
    int historyPoints,
    Duration replay,
    CanarySettings canary) {

  private static final double FAILURE_PROBABILITY = 1e-9;

  public static Settings of(Configuration configuration) throws ConfigException {
    ShardMemory shards = ShardMemory.of(configuration);
    return new Settings(
        kafka(configuration)
            .withInFlight(
                configuration.integer(Setting.INGEST_MAX_RECORDS, 1), shards.inFlightBytes()),
        replicationFactor(configuration),
        HttpSettings.of(configuration),
        analysis(configuration),
        AnalysisResources.ofLanes(
            threads(configuration),
            shards.bufferBytes(),
            threads(configuration),
            shards.inFlightBytes()),
        secret(configuration),
        runs(configuration),
        new PipelineSettings(
            threads(configuration),
            shards.bufferBytes(),
            shards.bufferBytes(),
            shards.heldBytes(),
            AnalysisResources.streamedBytes(shards.inFlightBytes()),
            configuration.period(Setting.SNAPSHOT_TIMEOUT).toMillis()),
        configuration.integer(Setting.METRICS_MAX_LAYERS, 0),
        configuration.period(Setting.METRICS_EXPIRE_AFTER),
        configuration.integer(Setting.HISTORY_POINTS, 2),
        configuration.duration(Setting.HISTORY_REPLAY),
        canary(configuration));
  }

  /** The same with other brokers. */
  public Settings withBrokers(String bootstrapServers) {
    return new Settings(
        kafka.withBootstrapServers(bootstrapServers),
        replicationFactor,
        http,
        analysis,
        resources,
        secret,
        runs,
        pipeline,
        maxLayers,
        expireAfter,
        historyPoints,
        replay,
        canary);
  }

  /** How Kafka is reached; what {@code publish} needs. */
  public static KafkaSettings kafka(Configuration configuration) throws ConfigException {
    return KafkaSettings.of(
            configuration.text(Setting.KAFKA_BOOTSTRAP_SERVERS), configuration.text(Setting.GROUP))
        .withPassThrough(configuration.kafka());
  }

  /** How snapshots are judged; what {@code check} needs. */
  public static AnalysisSettings analysis(Configuration configuration) throws ConfigException {
    return new AnalysisSettings(
        profiles(configuration),
        configuration.number(Setting.EPS, 0, 1),
        configuration.number(Setting.TOLERANCE, 0, 1),
        FAILURE_PROBABILITY,
        configuration.integer(Setting.ANALYSIS_MAX_PASSES, 0));
  }

  /** How layers are looked up: by a profile that comes with sinkwatch, or by a file's. */
  private static Profiles.Lookup profiles(Configuration configuration) throws ConfigException {
    String profile = configuration.text(Setting.PROFILE);
    if (profile.contains("/") || profile.endsWith(".yaml") || profile.endsWith(".yml")) {
      try {
        return ProfileFile.read(Path.of(profile));
      } catch (ProfileException | InvalidPathException e) {
        throw new ConfigException(String.valueOf(e.getMessage()));
      }
    }
    return Profiles.named(profile)
        .orElseThrow(() ->
            configuration.wrong(
                Setting.PROFILE, "a file, or one of " + String.join(", ", Profiles.names())));
  }

  /** What the analysis of one layer after the other may use; what {@code check} needs. */
  public static AnalysisResources resources(Configuration configuration) throws ConfigException {
    return AnalysisResources.of(
        threads(configuration), configuration.size(Setting.ANALYSIS_MAX_BUFFER));
  }

  private static int threads(Configuration configuration) throws ConfigException {
    int threads = configuration.integer(Setting.ANALYSIS_THREADS, 0);
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /** Copies of topics that are created; -1 leaves it to the brokers. */
  public static short replicationFactor(Configuration configuration) throws ConfigException {
    Setting setting = Setting.TOPICS_REPLICATION_FACTOR;
    int factor = configuration.integer(setting, -1, Short.MAX_VALUE);
    if (factor == 0) {
      throw configuration.wrong(setting, "1 or more, or -1 for the brokers' own");
    }
    return (short) factor;
  }

  public static NoiseModel noise(Configuration configuration) throws ConfigException {
    Activation activation =
        Activation.named(configuration.text(Setting.ACTIVATION))
            .orElseThrow(() ->
                configuration.wrong(Setting.ACTIVATION, "float32, float16, bfloat16 or float8"));
    boolean measured = !configuration.text(Setting.NOISE_AMPLITUDE).isBlank();
    return new NoiseModel(
        measured
            ? (Double) configuration.number(Setting.NOISE_AMPLITUDE, 0, Double.POSITIVE_INFINITY)
            : null,
        activation);
  }

  public static byte[] secret(Configuration configuration) {
    String text = configuration.text(Setting.ANALYSIS_SECRET);
    if (!text.isEmpty()) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    byte[] drawn = new byte[32];
    new SecureRandom().nextBytes(drawn);
    return drawn;
  }

  private static CanarySettings canary(Configuration configuration) throws ConfigException {
    Duration interval = configuration.period(Setting.CANARY_INTERVAL);
    if (interval.compareTo(CanarySettings.LEAST_INTERVAL) < 0) {
      throw configuration.wrong(Setting.CANARY_INTERVAL, "100ms or more");
    }
    Duration timeout = configuration.period(Setting.CANARY_TIMEOUT);
    if (timeout.compareTo(CanarySettings.LEAST_TIMEOUT) < 0) {
      throw configuration.wrong(Setting.CANARY_TIMEOUT, "1s or more");
    }
    return new CanarySettings(configuration.flag(Setting.CANARY), interval, timeout);
  }

  private static RunSettings runs(Configuration configuration) throws ConfigException {
    return new RunSettings(
        configuration.number(Setting.EPS, 0, 1),
        noise(configuration),
        configuration.period(Setting.SNAPSHOT_TIMEOUT).toMillis(),
        new AlarmSettings(
            configuration.integer(Setting.ALARMS_CONSECUTIVE, 1),
            configuration.integer(Setting.ALARMS_WARM_UP, 0),
            configuration.period(Setting.STALE_AFTER).toMillis()));
  }
}

package dev.sinkwatch.dashboard.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Every key of the configuration, with its default. The reference page lists the same ones. */
public enum Setting {
  KAFKA_BOOTSTRAP_SERVERS(
      "kafka.bootstrap-servers", "localhost:9092", "brokers to begin with, host:port,..."),
  GROUP("group", "sinkwatch", "consumer group; monitors of one group share the partitions"),
  TOPICS_REPLICATION_FACTOR(
      "topics.replication-factor", "-1", "copies of topics that are created; -1: the brokers' own"),
  LISTEN("listen", "127.0.0.1:8321", "HOST:PORT of the HTTP door; port 0 takes a free one"),
  INSECURE("insecure", "false", "listen beyond loopback although nobody is asked who they are"),
  HTTP_TLS_CERTIFICATE(
      "http.tls.certificate", "", "PEM file of the HTTP door's certificate and its chain"),
  HTTP_TLS_KEY("http.tls.key", "", "PEM file of that certificate's private key"),
  HTTP_TLS_CLIENT_CA(
      "http.tls.client-ca",
      "",
      "PEM file of authorities, one of which must have signed a client's certificate"),
  HTTP_USERS("http.users", "", "YAML file of those who may come in, with hashes of passwords"),
  HTTP_UNIX_SOCKET(
      "http.unix-socket", "", "path of a Unix socket that the HTTP door listens on as well"),
  HTTP_INGEST_MAX_BYTES(
      "http.ingest-max-bytes", "", "largest body that is published over HTTP; empty: any size"),
  PROFILE(
      "profile",
      "auto",
      "model family whose rules decide (`sinkwatch profiles` lists them), or a YAML file"),
  EPS("eps", "0.01", "what is left of the detail when depth stops counting"),
  TOLERANCE("tolerance", "1e-3", "Sinkhorn residual below which a scaling counts as converged"),
  SNAPSHOT_TIMEOUT(
      "snapshot-timeout", "5m", "how long a snapshot waits for rows, a step for its operators"),
  STALE_AFTER("stale-after", "15m", "silence after which a run is stale"),
  NOISE_AMPLITUDE(
      "noise.amplitude", "", "eta of the noise model; empty: the rounding of the activations"),
  ACTIVATION(
      "activation", "bfloat16", "float32, float16, bfloat16 or float8, when a run does not say"),
  ANALYSIS_MAX_BUFFER(
      "analysis.max-buffer",
      "512MiB",
      "largest snapshot that is held whole, and most that waits for rows or for the rest of its site, as far as the heap allows; a larger one is judged in one pass"),
  ANALYSIS_THREADS("analysis.threads", "0", "layers judged at once; 0: one a processor"),
  ANALYSIS_MAX_PASSES(
      "analysis.max-passes", "0", "passes over a large matrix; 0: as many as the figures need"),
  ANALYSIS_SECRET(
      "analysis.secret", "", "what the bounds' random draws follow from; empty: new at each start"),
  ALARMS_CONSECUTIVE("alarms.consecutive", "3", "verdicts in a row before an alarm fires"),
  ALARMS_WARM_UP("alarms.warm-up", "5", "first snapshots, which make the baseline"),
  METRICS_MAX_LAYERS(
      "metrics.max-layers", "256", "layers of a run with series of their own, lowest sigma2 first"),
  METRICS_EXPIRE_AFTER("metrics.expire-after", "24h", "silence after which a run is forgotten"),
  INGEST_MAX_BYTES("ingest.max-bytes", "256MiB", "shards received and not yet settled"),
  INGEST_MAX_RECORDS(
      "ingest.max-records",
      "2000",
      "the same in records, but for those that wait for the rest of their snapshot or site"),
  HISTORY_POINTS("history.points", "10000", "points a layer that the page remembers"),
  HISTORY_REPLAY("history.replay", "24h", "verdicts that a starting monitor reads again"),
  CANARY("canary", "false", "publish known mixers and watch what becomes of them"),
  CANARY_INTERVAL("canary.interval", "10s", "time between two rounds of canaries"),
  CANARY_TIMEOUT(
      "canary.timeout", "1m", "how long a canary may take to be published, and then to be judged");

  private final String key;
  private final String defaultText;
  private final String meaning;

  Setting(String key, String defaultText, String meaning) {
    this.key = key;
    this.defaultText = defaultText;
    this.meaning = meaning;
  }

  /** As a configuration file writes it. */
  public String key() {
    return key;
  }

  public String defaultText() {
    return defaultText;
  }

  /** One line for a person. */
  public String meaning() {
    return meaning;
  }

  /** Name of its environment variable. */
  public String variable() {
    return "SINKWATCH_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  static Optional<Setting> ofKey(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
  }

  static Optional<Setting> ofVariable(String name) {
    return Arrays.stream(values()).filter(setting -> setting.variable().equals(name)).findFirst();
  }
}

package dev.sinkwatch.dashboard;

import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A broker and a monitor of it in this process, seen from outside. */
final class MonitorUnderTest implements AutoCloseable {
  private static final Pattern LINE =
      Pattern.compile("(?<name>\\w+)(\\{(?<labels>.*)\\})? (?<value>\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** One line of a scrape. */
  record Sample(String name, Map<String, String> labels, double value) {
    String label(String label) {
      return labels.getOrDefault(label, "");
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final EmbeddedBroker broker;
  private final Map<String, String> settings;
  private Monitor monitor;
  private boolean guest;

  private MonitorUnderTest(EmbeddedBroker broker, Map<String, String> settings, Monitor monitor) {
    this.broker = broker;
    this.settings = settings;
    this.monitor = monitor;
  }

  static MonitorUnderTest start(Map<String, String> settings) throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(0, null);
    Map<String, String> all = new HashMap<>(settings);
    all.put("kafka.bootstrap-servers", broker.bootstrapServers());
    all.put("listen", "127.0.0.1:0");
    MonitorUnderTest started = new MonitorUnderTest(broker, all, monitor(all));
    started.awaitReady();
    return started;
  }

  private static Monitor monitor(Map<String, String> settings) throws Exception {
    return Monitor.start(Settings.of(Configuration.read(null, Map.of(), settings)));
  }

  private void awaitReady() throws InterruptedException {
    await("the monitor is ready", Duration.ofSeconds(60), monitor::ready);
  }

  /** Another monitor of the same group; to be closed before this one. */
  MonitorUnderTest another() throws Exception {
    MonitorUnderTest other = new MonitorUnderTest(broker, settings, monitor(settings));
    other.guest = true;
    other.awaitReady();
    return other;
  }

  /** Another monitor takes over, who knows only what lies on the topics. */
  void restart() throws Exception {
    monitor.close();
    monitor = monitor(settings);
    awaitReady();
  }

  /** The broker goes away. */
  void stopBroker() {
    broker.close();
  }

  String url() {
    return monitor.url();
  }

  URI page() {
    return URI.create(monitor.url());
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /** Its HTTP door, host:port. */
  String address() {
    return URI.create(monitor.url()).getAuthority();
  }

  String get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(monitor.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(path + " answers " + response.statusCode() + ": " + response.body());
    }
    return response.body();
  }

  HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
    return send(
        path,
        request ->
            request
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  HttpResponse<String> send(String path, UnaryOperator<HttpRequest.Builder> request)
      throws IOException, InterruptedException {
    return http.send(
        request.apply(HttpRequest.newBuilder(URI.create(monitor.url() + path))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  List<Sample> scrape() {
    try {
      List<Sample> samples = new ArrayList<>();
      for (String line : get("/metrics").lines().toList()) {
        Matcher match = LINE.matcher(line);
        if (!line.startsWith("#") && match.matches()) {
          Map<String, String> labels = new HashMap<>();
          Matcher label = LABEL.matcher(match.group("labels") == null ? "" : match.group("labels"));
          while (label.find()) {
            labels.put(label.group(1), label.group(2));
          }
          samples.add(new Sample(match.group("name"), labels, number(match.group("value"))));
        }
      }
      return samples;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  double value(String name) {
    return scrape().stream()
        .filter(sample -> sample.name().equals(name))
        .mapToDouble(Sample::value)
        .sum();
  }

  /** Names of the alarms of a run that are in that state. */
  List<String> alarms(String run, int state) {
    return scrape().stream()
        .filter(s -> s.name().equals("sinkwatch_alarm_state"))
        .filter(s -> s.label("run").equals(run) && s.value() == state)
        .map(s -> s.label("alarm"))
        .distinct()
        .sorted()
        .toList();
  }

  /** Waits until all that lies on the weights topic has found its end. */
  void settle(Duration most) throws Exception {
    long published = all(Topics.WEIGHTS, false).size();
    await(
        published + " shards settled",
        most,
        () ->
            value("sinkwatch_shards_received_total") >= published
                && value("sinkwatch_shards_in_flight") == 0);
  }

  /** All records of a topic; with values or, to save memory, without looking at them. */
  List<ConsumerRecord<byte[], byte[]>> all(String topic, boolean values) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    each(
        topic,
        record ->
            records.add(
                values
                    ? record
                    : new ConsumerRecord<>(
                        topic, record.partition(), record.offset(), record.key(), new byte[0])));
    return records;
  }

  /** The same one after another, for topics that are larger than the heap. */
  void each(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("max.partition.fetch.bytes", "4194304");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, consumer.partitionsFor(topic).size())
              .mapToObj(p -> new TopicPartition(topic, p))
              .collect(Collectors.toList());
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.seekToBeginning(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer.poll(Duration.ofMillis(200)).forEach(reader);
      }
    }
  }

  static void await(String what, Duration most, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + most.toSeconds() + " s: " + what);
      }
      Thread.sleep(200);
    }
  }

  @Override
  public void close() {
    monitor.close();
    if (!guest) {
      broker.close();
    }
  }
}

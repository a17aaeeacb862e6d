package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Settings;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Manifests for Kubernetes and Compose hold what their models know and nothing else. No engine and
 * no cluster runs them here.
 */
class ShippedManifestsTest {
  private static final Path DOCKER = ShippedRules.ROOT.resolve("docker");
  private static final Path RULE = ShippedRules.ROOT.resolve("grafana/prometheusrule.yaml");

  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "Namespace", Namespace.class,
          "Service", Service.class,
          "Deployment", Deployment.class,
          "Job", Job.class,
          "NetworkPolicy", NetworkPolicy.class,
          "ServiceMonitor", ServiceMonitor.class,
          "PrometheusRule", PrometheusRule.class);

  private static final Set<String> OF_KUSTOMIZATION =
      Set.of(
          "apiVersion",
          "kind",
          "namespace",
          "resources",
          "components",
          "configMapGenerator",
          "images",
          "patches");

  /** Fabric8's types keep keys that they do not know; here those fail. */
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .registerModule(
              new SimpleModule()
                  .setDeserializerModifier(
                      new BeanDeserializerModifier() {
                        @Override
                        public BeanDeserializerBuilder updateBuilder(
                            DeserializationConfig config,
                            BeanDescription bean,
                            BeanDeserializerBuilder builder) {
                          builder.setAnySetter(null);
                          return builder;
                        }
                      }));

  private static Object typed(JsonNode manifest) throws JsonProcessingException {
    Class<?> type = KINDS.get(manifest.path("kind").asText());
    assertThat(type).as(manifest.path("kind").asText()).isNotNull();
    return STRICT.treeToValue(manifest, type);
  }

  private static List<Path> files(boolean kustomizations) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String directory : List.of("docker/kubernetes", "grafana")) {
      try (Stream<Path> all = Files.walk(ShippedRules.ROOT.resolve(directory))) {
        all.filter(file -> file.getFileName().toString().endsWith(".yaml"))
            .filter(file -> file.endsWith("kustomization.yaml") == kustomizations)
            .filter(file -> directory.startsWith("docker") || kustomizations || file.equals(RULE))
            .filter(file -> !file.endsWith("cluster/sinkwatch.yaml"))
            .forEach(files::add);
      }
    }
    return files;
  }

  @Test
  void manifestsAreOfTheirTypes() throws Exception {
    assertThat(files(false)).hasSizeGreaterThan(8);
    for (Path file : files(false)) {
      for (JsonNode manifest : ShippedRules.documents(file)) {
        assertThat(typed(manifest)).as(file.toString()).isNotNull();
      }
    }
  }

  @Test
  void aKeyThatATypeLacksFails() throws Exception {
    JsonNode deployment =
        ShippedRules.documents(DOCKER.resolve("kubernetes/cluster/deployment.yaml")).getFirst();
    ObjectNode security =
        (ObjectNode) deployment.at("/spec/template/spec/containers/0/securityContext");
    security.put("readOnlyRootFileSystem", true); // Kubernetes spells it otherwise
    assertThatThrownBy(() -> typed(deployment)).hasMessageContaining("readOnlyRootFileSystem");
  }

  @Test
  void kustomizationsNameFilesThatExist() throws Exception {
    assertThat(files(true)).hasSize(4);
    for (Path file : files(true)) {
      JsonNode kustomization = ShippedRules.documents(file).getFirst();
      kustomization
          .fieldNames()
          .forEachRemaining(key -> assertThat(OF_KUSTOMIZATION).as(file.toString()).contains(key));
      List<String> named = new ArrayList<>();
      for (String key : List.of("resources", "components")) {
        kustomization.path(key).forEach(name -> named.add(name.asText()));
      }
      kustomization.path("patches").forEach(patch -> named.add(patch.path("path").asText()));
      for (JsonNode map : kustomization.path("configMapGenerator")) {
        map.path("files").forEach(name -> named.add(name.asText()));
      }
      for (String name : named) {
        assertThat(file.resolveSibling(name)).exists();
      }
    }
  }

  @Test
  void theRuleForKubernetesIsTheRules() throws Exception {
    StringBuilder rule =
        new StringBuilder(
            """
            # From rules.yaml and alerts.yaml, by ShippedManifestsTest with -Dgolden.update: change those.
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: sinkwatch
              labels:
                app.kubernetes.io/name: sinkwatch
            spec:
              groups:
            """);
    for (String file : List.of("rules.yaml", "alerts.yaml")) {
      String text = Files.readString(RULE.resolveSibling(file));
      text.substring(text.indexOf("groups:\n") + "groups:\n".length())
          .lines()
          .forEach(line -> rule.append(line.isEmpty() ? "" : "  ").append(line).append('\n'));
    }
    if (System.getProperty("golden.update") != null) {
      Files.writeString(RULE, rule);
    }
    assertThat(Files.readString(RULE)).isEqualTo(rule.toString());
  }

  @Test
  void theMonitorReadsTheConfigurationOfTheCluster() throws Exception {
    Path file = DOCKER.resolve("kubernetes/cluster/sinkwatch.yaml");
    Settings settings = Settings.of(Configuration.read(file, Map.of(), Map.of()));
    assertThat(settings.canary().enabled()).isTrue();
  }

  @Test
  void composeTakesItsFile(@TempDir Path directory) throws Exception {
    assertThat(compose(DOCKER.resolve("compose.yaml"))).isEmpty();
    Path wrong =
        Files.writeString(
            directory.resolve("compose.yaml"),
            Files.readString(DOCKER.resolve("compose.yaml")).replace("read_only:", "readonly:"));
    assertThat(compose(wrong)).contains("readonly");
  }

  private static String compose(Path file) throws Exception {
    Process process =
        new ProcessBuilder("docker-compose", "-f", file.toString(), "config", "--quiet")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor() == 0).as(said).isEqualTo(said.isEmpty());
    return said;
  }

  @Test
  void thePrologOfSlurmPublishesWhatTheJobNames(@TempDir Path directory) throws Exception {
    Path stand = directory.resolve("sinkwatch");
    Files.writeString(stand, "#!/bin/sh\necho \"$@\"\n");
    assertThat(stand.toFile().setExecutable(true)).isTrue();
    Path checkpoints = directory.resolve("run 1");
    ProcessBuilder prolog = new ProcessBuilder(DOCKER.resolve("slurm/task-prolog.sh").toString());
    prolog
        .environment()
        .putAll(
            Map.of(
                "SINKWATCH", stand.toString(),
                "SINKWATCH_CHECKPOINTS", checkpoints.toString(),
                "SLURM_JOB_NAME", "-my job",
                "SLURM_JOB_ID", "17",
                "SLURM_RESTART_COUNT", "2",
                "SLURM_PROCID", "1"));
    assertThat(prolog.start().waitFor()).isZero();
    assertThat(checkpoints).as("only the first task publishes").doesNotExist();

    prolog.environment().put("SLURM_PROCID", "0");
    Process process = prolog.start();
    assertThat(process.getInputStream().readAllBytes()).as("Slurm waits for its end").isEmpty();
    assertThat(process.waitFor()).isZero();
    Path log = checkpoints.resolve("sinkwatch.log");
    MonitorUnderTest.await(
        "it publishes",
        Duration.ofSeconds(30),
        () -> Files.exists(log) && log.toFile().length() > 0);
    assertThat(Files.readString(log))
        .contains(checkpoints.toString(), "--watch --run my_job-17 --attempt 2");
  }

  @Test
  void oneStepOfAJobPublishesAtATimeAndTheNextTakesOver(@TempDir Path directory) throws Exception {
    Path gate = directory.resolve("gate");
    Path stand = directory.resolve("sinkwatch");
    Files.writeString(
        stand,
        "#!/bin/sh\necho begins\nwhile [ ! -e '" + gate + "' ]; do sleep 0.1; done\necho ends\n");
    assertThat(stand.toFile().setExecutable(true)).isTrue();
    ProcessBuilder prolog = new ProcessBuilder(DOCKER.resolve("slurm/task-prolog.sh").toString());
    prolog
        .environment()
        .putAll(
            Map.of(
                "SINKWATCH",
                stand.toString(),
                "SINKWATCH_CHECKPOINTS",
                directory.toString(),
                "SLURM_JOB_ID",
                "17",
                "SLURM_PROCID",
                "0"));
    Path log = directory.resolve("sinkwatch.log");
    try {
      for (int step = 0; step < 3; step++) {
        assertThat(prolog.start().waitFor()).isZero();
      }
      prolog.environment().put("SLURM_JOB_ID", "18"); // another job with the same directory
      assertThat(prolog.start().waitFor()).isZero();
      MonitorUnderTest.await(
          "each job has one", Duration.ofSeconds(30), () -> lines(log).size() >= 2);
    } finally {
      Files.createFile(gate);
    }
    MonitorUnderTest.await("all have ended", Duration.ofSeconds(30), () -> lines(log).size() == 8);
    // two at most, one a job, are there at any time
    int there = 0;
    for (String line : lines(log)) {
      there += line.equals("begins") ? 1 : -1;
      assertThat(there).isBetween(0, 2);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

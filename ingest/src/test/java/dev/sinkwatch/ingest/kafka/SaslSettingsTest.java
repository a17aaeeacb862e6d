package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client that cannot begin says of how it was told to log in. */
final class SaslSettingsTest {
  private static final String PASSWORD = "hunter2";
  private static final String MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          MODULE required username="u" password="hunter2"                | not terminated by semi-colon
          MODULE required username="u" password=my hunter2;              | Value not specified
          MODULE required username="u" password="my" "\\nhunter2";        | Value not specified
          MODULE username="u" password="hunter2";                        | control flag
          MODULE hunter2 required;                                       | control flag
          MODULE                                                         | control flag
          org.example.NoModule required username="u" password="hunter2"; | org.example.NoModule
          com.sun.security.auth.module.JndiLoginModule required;         | is not allowed
          """)
  void whatIsWrongInJaasNamesItsSettingAndNoSecret(String jaas, String why) {
    String said = refused(Map.of("sasl.mechanism", "SCRAM-SHA-512", "sasl.jaas.config", of(jaas)));
    assertThat(said)
        .startsWith("Kafka at 127.0.0.1:1: kafka.sasl.jaas.config: ")
        .contains(why)
        .doesNotContain(PASSWORD)
        .doesNotContain("\n");
  }

  @Test
  void jaasThatIsNotThereIsAskedForByItsName() {
    assertThat(refused(Map.of("sasl.mechanism", "SCRAM-SHA-512")))
        .isEqualTo("Kafka at 127.0.0.1:1: kafka.sasl.jaas.config is not set");
  }

  @Test
  void aValueThatKafkaDoesNotTakeNamesItsSetting() {
    assertThat(refused(Map.of("sasl.login.refresh.window.factor", "7")))
        .contains("for configuration kafka.sasl.login.refresh.window.factor: ");
  }

  private static String of(String jaas) {
    return jaas.replace("MODULE", MODULE);
  }

  private static String refused(Map<String, String> sasl) {
    Map<String, String> all = new HashMap<>(sasl);
    all.put("security.protocol", "SASL_PLAINTEXT");
    KafkaSettings settings = KafkaSettings.of("127.0.0.1:1", "g").withPassThrough(all);
    IOException refusal =
        catchThrowableOfType(IOException.class, () -> new ShardPublisher(settings).close());
    return String.valueOf(refusal.getMessage());
  }
}

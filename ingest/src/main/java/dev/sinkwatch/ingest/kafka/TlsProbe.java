package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.ClientDnsLookup;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;

/**
 * Asks, before a client that speaks in the clear does, whether a broker wants TLS. Kafka's clients
 * take a TLS alert for the length of an answer, and allocate 336 MiB for it (KAFKA-4090).
 */
final class TlsProbe {
  private static final int CONNECT_MILLIS = 2000;
  private static final int READ_MILLIS = 2000;

  /** Of a TLS record: an alert, of any version 3.x. */
  private static final int ALERT = 21;

  private static final int MAJOR = 3;

  private TlsProbe() {}

  /**
   * Blocks for some seconds at most, as a rule for one round trip. Brokers that cannot be reached
   * are left for the clients to tell.
   *
   * @throws IOException with one line when a broker wants TLS and the settings say none
   */
  static void check(KafkaSettings settings) throws IOException {
    if (tls(settings.passThrough())) {
      return;
    }
    for (InetSocketAddress broker : brokers(settings)) {
      if (wantsTls(broker)) {
        throw new IOException(
            "Kafka at "
                + settings.bootstrapServers()
                + ": it wants TLS; set kafka.security.protocol to SSL or SASL_SSL");
      }
    }
  }

  private static boolean tls(Map<String, String> passThrough) {
    return passThrough
        .getOrDefault(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "PLAINTEXT")
        .toUpperCase(Locale.ROOT)
        .endsWith("SSL");
  }

  private static List<InetSocketAddress> brokers(KafkaSettings settings) {
    try {
      return ClientUtils.parseAndValidateAddresses(
          List.of(settings.bootstrapServers().split(",")), ClientDnsLookup.USE_ALL_DNS_IPS);
    } catch (KafkaException e) {
      return List.of();
    }
  }

  private static boolean wantsTls(InetSocketAddress broker) {
    try (Socket socket = new Socket()) {
      socket.connect(broker, CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      // which versions of which requests there are: what every client asks first
      ByteBuffer request = ByteBuffer.allocate(14);
      request.putInt(10).putShort((short) 18).putShort((short) 0).putInt(0).putShort((short) -1);
      socket.getOutputStream().write(request.array());
      InputStream in = socket.getInputStream();
      return in.read() == ALERT && in.read() == MAJOR;
    } catch (IOException e) {
      return false;
    }
  }
}

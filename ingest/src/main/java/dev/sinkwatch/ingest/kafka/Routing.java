package dev.sinkwatch.ingest.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** Where a key's records lie: murmur2 of its bytes, as Java's producer places them by default. */
public final class Routing {

  private Routing() {}

  /** Of so many partitions, the one that holds the records of that key. */
  public static int partition(String key, int partitions) {
    return partition(bytes(key), partitions);
  }

  static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  static int partition(byte[] key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }
}

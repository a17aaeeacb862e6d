package dev.sinkwatch.dashboard.upload;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;

/** Tells what passes by itself from what somebody must mend first. */
final class KafkaRefusal {

  private KafkaRefusal() {}

  /** The end of an upload of which a shard came to that. */
  static UploadException of(Throwable failure) {
    String line = String.valueOf(failure.getMessage());
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof RecordTooLargeException) {
        return new UploadException(UploadOutcome.TOO_LARGE, "record-too-large", line);
      }
      if (e instanceof RetriableException) {
        return unavailable(line);
      }
      if (e instanceof ApiException) {
        return new UploadException(UploadOutcome.REFUSED, "kafka-refused", line);
      }
    }
    return unavailable(line);
  }

  static UploadException unavailable(String line) {
    return new UploadException(UploadOutcome.UNAVAILABLE, "kafka-unavailable", line);
  }
}

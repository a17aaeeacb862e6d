package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.dashboard.silence.SilenceJournal;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps silences in memory, until it is told not to. */
final class KeptSilences implements SilenceJournal {
  final Map<String, String> values = new ConcurrentHashMap<>();
  private volatile @Nullable String failure;

  /** From now on none is kept, for that reason. */
  void fail(String reason) {
    failure = reason;
  }

  @Override
  public CompletableFuture<Void> keep(String id, byte @Nullable [] value) {
    String reason = failure;
    if (reason != null) {
      return CompletableFuture.failedFuture(new IOException(reason));
    }
    if (value == null) {
      values.remove(id);
    } else {
      values.put(id, new String(value, UTF_8));
    }
    return CompletableFuture.completedFuture(null);
  }
}

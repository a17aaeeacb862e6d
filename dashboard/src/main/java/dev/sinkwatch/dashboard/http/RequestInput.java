package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.upload.UploadException;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.dashboard.upload.UploadListener;
import dev.sinkwatch.dashboard.upload.UploadOutcome;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request's body for a thread that may wait. A few parts of it are asked for ahead of what that
 * thread reads, the rest stays in the sockets, so that a client sends no faster than it is read.
 */
final class RequestInput extends InputStream {
  private static final int AHEAD = 4;

  /** A part of the body, its end, or why it has none. */
  private sealed interface Piece {
    record Part(Buffer buffer) implements Piece {}

    record End() implements Piece {}

    record Gone() implements Piece {}
  }

  private final HttpServerRequest request;
  private final Context loop;
  private final UploadLimits limits;
  private final UploadListener listener;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  // of the reading thread
  private @Nullable Buffer current;
  private int position;
  private boolean ended;
  private long received;
  private long waitedNanos;

  private RequestInput(
      HttpServerRequest request, Context loop, UploadLimits limits, UploadListener listener) {
    this.request = request;
    this.loop = loop;
    this.limits = limits;
    this.listener = listener;
  }

  /** Begins to read a paused request; on its event loop. */
  static RequestInput of(
      HttpServerRequest request, Context loop, UploadLimits limits, UploadListener listener) {
    RequestInput input = new RequestInput(request, loop, limits, listener);
    request.handler(input::part);
    request.endHandler(end -> input.pieces.add(new Piece.End()));
    request.exceptionHandler(failure -> input.pieces.add(new Piece.Gone()));
    request.fetch(AHEAD);
    return input;
  }

  private void part(Buffer buffer) {
    if (!closed) { // else it is what a refused client still sends
      listener.received(buffer.length());
      pieces.add(new Piece.Part(buffer));
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Buffer part = current;
    while (part == null || position == part.length()) {
      part = next();
      if (part == null) {
        return -1;
      }
      current = part;
      position = 0;
    }
    int count = Math.min(length, part.length() - position);
    part.getBytes(position, position + count, into, offset);
    position += count;
    return count;
  }

  /** The next part; null at the end. */
  private @Nullable Buffer next() throws IOException {
    if (ended) {
      return null;
    }
    return switch (await()) {
      case Piece.Part(Buffer buffer) -> {
        received += buffer.length();
        loop.runOnContext(go -> {
          if (!closed) {
            request.fetch(1);
          }
        });
        yield buffer;
      }
      case Piece.End() -> {
        ended = true;
        yield null;
      }
      case Piece.Gone() ->
          throw new UploadException(UploadOutcome.ABORTED, "client-gone", "the client went away");
    };
  }

  private Piece await() throws IOException {
    long begun = System.nanoTime();
    long earned = 1000 * (received / limits.leastBytesPerSecond());
    long left = TimeUnit.MILLISECONDS.toNanos(limits.stallMillis() + earned) - waitedNanos;
    try {
      Piece piece =
          pieces.poll(
              Math.min(left, TimeUnit.MILLISECONDS.toNanos(limits.stallMillis())),
              TimeUnit.NANOSECONDS);
      if (piece != null) {
        waitedNanos += System.nanoTime() - begun;
        return piece;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UploadException(UploadOutcome.ABORTED, "monitor-stops", "the monitor stops");
    }
    throw new UploadException(
        UploadOutcome.STALLED, "body-stalled", "the body did not come in time");
  }

  /** What still comes is read and dropped, by whoever resumes the request. */
  @Override
  public void close() {
    closed = true;
    pieces.clear();
  }
}

package dev.sinkwatch.dashboard.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import dev.sinkwatch.dashboard.upload.Upload;
import dev.sinkwatch.dashboard.upload.UploadException;
import dev.sinkwatch.dashboard.upload.UploadOutcome;
import dev.sinkwatch.dashboard.upload.Uploads;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.safetensors.Fields;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/v1/runs/{run}/steps/{step}}: a safetensors document of any length, answered when
 * Kafka has all of it. The body is read and sent by a thread of its own. An error is an object with
 * a word for programs in {@code error} and a line for people in {@code message}.
 */
final class IngestRoute {
  private static final Logger LOG = LoggerFactory.getLogger(IngestRoute.class);
  private static final String PATH = "/api/v1/runs/:run/steps/:step";

  /** None of these can a page elsewhere send without asking first, which nobody here answers. */
  private static final Set<String> TYPES =
      Set.of("application/octet-stream", "application/vnd.safetensors");

  private static final int BUSY_SECONDS = 2;
  private static final int UNAVAILABLE_SECONDS = 10;
  private static final int LEFT_OUT_LINES = 100;

  private final Uploads uploads;
  private final long maxBytes;

  /**
   * @param maxBytes of a body; 0: any number
   */
  IngestRoute(Uploads uploads, long maxBytes) {
    this.uploads = uploads;
    this.maxBytes = maxBytes;
  }

  /** Before anybody else reads bodies. */
  void mount(Router router) {
    router.post(PATH).handler(this::take);
    Guard.only(router, PATH, "POST");
  }

  private void take(RoutingContext context) {
    if (!Entrance.publishes(context)) {
      Answer.error(context, 403, "this role may not publish");
      return;
    }
    Upload upload;
    String run;
    long step;
    try {
      checkType(context.request());
      Parameters _ = Parameters.of(context, Set.of());
      run = run(Parameters.path(context, "run"));
      step = Fields.step(Parameters.path(context, "step"));
      checkLength(context.request());
      upload = uploads.begin(maxBytes);
    } catch (BadParameterException e) {
      end(context, UploadOutcome.REJECTED, "parameters", e.line());
      return;
    } catch (RejectedException e) {
      end(context, e.rejection());
      return;
    } catch (Refused e) {
      end(context, e.status, UploadOutcome.REJECTED, e.reason, String.valueOf(e.getMessage()));
      return;
    } catch (UploadException e) {
      end(context, e.outcome(), e.reason(), e.line());
      return;
    }
    read(context, upload, run, step);
  }

  private void read(RoutingContext context, Upload upload, String run, long step) {
    HttpServerRequest request = context.request();
    Context loop = context.vertx().getOrCreateContext();
    OptionalLong length = length(request);
    RequestInput body = RequestInput.of(request, loop, uploads.limits(), uploads.listener());
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var _ = context.response().writeContinue();
    }
    Thread.ofVirtual()
        .name("upload")
        .start(() -> {
          Runnable answer = work(context, upload, body, length, run, step);
          loop.runOnContext(go -> {
            body.close();
            answer.run();
          });
        });
  }

  /** Reads and sends it all, and returns how to answer. */
  private Runnable work(
      RoutingContext context,
      Upload upload,
      RequestInput body,
      OptionalLong length,
      String run,
      long step) {
    try (upload) {
      Upload.Receipt receipt = upload.run(body, length, run, step);
      return () -> accepted(context, run, step, receipt);
    } catch (RejectedException e) {
      return () -> end(context, e.rejection());
    } catch (UploadException e) {
      return () -> end(context, e.outcome(), e.reason(), e.line());
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      LOG.error("POST {} failed", context.request().path(), e);
      return () -> end(context, UploadOutcome.FAILED, "internal-error", "internal error");
    }
  }

  /** Something is wrong with the request before its body is. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String reason;

    Refused(int status, String reason, String line) {
      super(line);
      this.status = status;
      this.reason = reason;
    }
  }

  private static void checkType(HttpServerRequest request) throws Refused {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!TYPES.contains(plain)) {
      throw new Refused(415, "content-type", "say Content-Type: application/octet-stream");
    }
    if (request.getHeader(HttpHeaders.CONTENT_ENCODING) != null) {
      throw new Refused(415, "content-encoding", "send it as it is, without Content-Encoding");
    }
  }

  private void checkLength(HttpServerRequest request)
      throws Refused, RejectedException, UploadException {
    if (!Bodies.has(request)) {
      throw new RejectedException(Reason.TOO_SHORT, "the body is empty");
    }
    OptionalLong length = length(request);
    if (maxBytes > 0 && length.orElse(0) > maxBytes) {
      throw Upload.tooLarge(maxBytes);
    }
    if (length.orElse(0) < 0) {
      throw new Refused(400, "content-length", "Content-Length is no length");
    }
  }

  /** What {@code Content-Length} says; negative if that is no number; empty for chunks. */
  private static OptionalLong length(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(length));
    } catch (NumberFormatException e) {
      return OptionalLong.of(-1);
    }
  }

  private static String run(String name) throws RejectedException {
    String run = Fields.run(name);
    if (CanaryRun.reserved(run)) {
      throw new RejectedException(
          Reason.RUN_INVALID, "runs with " + CanaryRun.PREFIX + " are the monitor's own");
    }
    return run;
  }

  private void accepted(RoutingContext context, String run, long step, Upload.Receipt receipt) {
    uploads.listener().ended(UploadOutcome.ACCEPTED, "");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", run).put("step", step);
    json.put("tensors", receipt.tensors());
    json.put("shards", receipt.shards());
    json.put("bytes", receipt.bytes());
    List<String> leftOut = receipt.leftOut();
    ArrayNode lines = json.putArray("leftOut");
    leftOut.stream().limit(LEFT_OUT_LINES).forEach(lines::add);
    if (leftOut.size() > LEFT_OUT_LINES) {
      lines.add("and " + (leftOut.size() - LEFT_OUT_LINES) + " more");
    }
    Answer.json(context, UploadOutcome.ACCEPTED.status(), json);
  }

  private void end(RoutingContext context, Rejection rejection) {
    UploadOutcome outcome =
        switch (rejection.reason()) {
          case HEADER_TOO_LONG, HEADER_TOO_RICH -> UploadOutcome.TOO_LARGE;
          default -> UploadOutcome.REJECTED;
        };
    end(context, outcome, rejection.reason().wireName(), rejection.detail());
  }

  private void end(RoutingContext context, UploadOutcome outcome, String reason, String line) {
    end(context, outcome.status(), outcome, reason, line);
  }

  private void end(
      RoutingContext context, int status, UploadOutcome outcome, String reason, String line) {
    uploads.listener().ended(outcome, reason);
    if (outcome == UploadOutcome.ABORTED) {
      var _ = context.request().connection().close();
      return;
    }
    if (outcome == UploadOutcome.BUSY || outcome == UploadOutcome.UNAVAILABLE) {
      context
          .response()
          .putHeader(
              HttpHeaders.RETRY_AFTER,
              Integer.toString(outcome == UploadOutcome.BUSY ? BUSY_SECONDS : UNAVAILABLE_SECONDS));
    }
    Answer.error(context, status, reason, line);
  }
}

package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether a client has begun with a request whose head is not here yet, of which Vert.x says
 * nothing, and can answer it. For the event loop alone.
 */
final class SlowHead extends ChannelInboundHandlerAdapter {
  private static final String BODY = "{\"error\":\"the request did not come in time\"}";
  private static final byte[] ANSWER =
      ("HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\nconnection: close\r\n"
              + "content-length: "
              + BODY.length()
              + "\r\n\r\n"
              + BODY)
          .getBytes(US_ASCII);

  private @Nullable ChannelHandlerContext context;
  private boolean begun;

  private SlowHead() {}

  /** Watches a connection of HTTP/1.1 that has just been opened. */
  static SlowHead of(HttpConnection connection) {
    SlowHead head = new SlowHead();
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    // behind TLS, before anything is read as HTTP
    pipeline.addBefore(pipeline.context(HttpRequestDecoder.class).name(), null, head);
    return head;
  }

  /** A head has come to its end. */
  void complete() {
    begun = false;
  }

  /**
   * Answers 408 and closes, if a request has begun. One who has said nothing must not be told, who
   * might take it for the answer to what is on its way.
   *
   * @return whether it did
   */
  boolean late() {
    ChannelHandlerContext here = context;
    if (!begun || here == null) {
      return false;
    }
    var _ =
        here.writeAndFlush(Unpooled.wrappedBuffer(ANSWER)).addListener(ChannelFutureListener.CLOSE);
    return true;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object part) {
    begun = true;
    reading.fireChannelRead(part);
  }
}

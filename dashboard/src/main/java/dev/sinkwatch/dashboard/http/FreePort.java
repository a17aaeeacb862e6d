package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.config.Endpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Whether a port can be listened on, asked before what takes its time is begun. */
final class FreePort {

  private FreePort() {}

  /**
   * @throws IOException with one line for the user when somebody listens there
   */
  static void require(Endpoint listen) throws IOException {
    InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
    if (address.isUnresolved()) {
      return; // listening there will fail, and say so
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true); // as the server does: what was closed a moment ago is free
      probe.bind(address);
    } catch (BindException e) {
      throw taken(listen, e);
    }
  }

  static IOException taken(Endpoint listen, BindException cause) {
    return new IOException(listen + " is taken; choose another with --listen HOST:PORT", cause);
  }
}

package dev.sinkwatch.dashboard.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Where the HTTP door listens. */
public record Endpoint(String host, int port) {

  static Endpoint of(Configuration configuration) throws ConfigException {
    String text = configuration.text(Setting.LISTEN).strip();
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    int port = colon < 0 ? -1 : port(text.substring(colon + 1));
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty() || port < 0) {
      throw configuration.wrong(Setting.LISTEN, "HOST:PORT, such as 127.0.0.1:8321");
    }
    return new Endpoint(host, port);
  }

  /** As a user writes it. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port >= 0 && port <= 65535 ? port : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Whether only this machine can reach it. */
  public boolean loopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return true; // listening there will fail, and say so
    }
  }
}

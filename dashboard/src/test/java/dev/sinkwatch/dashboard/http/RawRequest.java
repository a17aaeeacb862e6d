package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;

/** Requests byte by byte, as no client sends them. */
final class RawRequest {
  private static final int READ_MILLIS = 30_000;

  /**
   * @param status 0 when the connection was closed without an answer
   * @param headers in lower case
   */
  record Answer(int status, String headers, String body) {}

  private RawRequest() {}

  /** Sends it, and reads until the server closes. */
  static Answer send(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return answer(socket);
    }
  }

  /** All that comes until the server closes. */
  static Answer answer(Socket socket) throws IOException {
    socket.setSoTimeout(READ_MILLIS);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        all.write(next);
      }
    } catch (SocketException e) {
      // reset after what it had to say
    }
    String text = all.toString(ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    return end < 0
        ? new Answer(0, "", text)
        : new Answer(
            Integer.parseInt(text.substring(9, 12)),
            text.substring(0, end).toLowerCase(Locale.ROOT),
            text.substring(end + 4));
  }
}

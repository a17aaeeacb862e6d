package dev.sinkwatch.dashboard.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Optional;

/** What a client says it is. Neither part is empty. */
public record Credentials(String name, String password) {
  private static final String SCHEME = "Basic ";

  /** Reads the value of an {@code Authorization} header of HTTP Basic (RFC 7617), UTF-8. */
  public static Optional<Credentials> ofBasic(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    String pair;
    try {
      byte[] bytes = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
      pair = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
    int colon = pair.indexOf(':');
    return colon < 1 || colon == pair.length() - 1
        ? Optional.empty()
        : Optional.of(new Credentials(pair.substring(0, colon), pair.substring(colon + 1)));
  }

  /** Without the password; also without the name, in whose place people type passwords. */
  @Override
  public String toString() {
    return "Credentials[hidden]";
  }
}

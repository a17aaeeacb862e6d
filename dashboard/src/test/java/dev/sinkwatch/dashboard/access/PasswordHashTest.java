package dev.sinkwatch.dashboard.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PasswordHashTest {
  private static final String SALT = "c2FsdHNhbHRzYWx0c2FsdA";
  private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  /** Vectors that others published for PBKDF2-HMAC-SHA-256 in the manner of RFC 6070. */
  @Test
  void keysAreThoseOfEverybodyElse() {
    assertThat(hex("password", "salt", 1))
        .isEqualTo("120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b");
    assertThat(hex("password", "salt", 4096))
        .isEqualTo("c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
  }

  private static String hex(String password, String salt, int iterations) {
    return HexFormat.of()
        .formatHex(Derivation.PBKDF2.derive(password, salt.getBytes(UTF_8), iterations));
  }

  @Test
  void aHashIsReadAsItWasWrittenAndHasASaltOfItsOwn() {
    PasswordHash one = PasswordHash.of("grün und lang", PasswordHash.LEAST_ITERATIONS);
    PasswordHash other = PasswordHash.of("grün und lang", PasswordHash.LEAST_ITERATIONS);
    PasswordHash read = PasswordHash.parse(one.text()).orElseThrow();
    assertThat(read.text()).isEqualTo(one.text());
    assertThat(read.key())
        .isEqualTo(Derivation.PBKDF2.derive("grün und lang", read.salt(), read.iterations()));
    assertThat(other.salt()).isNotEqualTo(one.salt());
    assertThat(other.key()).isNotEqualTo(one.key());
    assertThat(one.toString()).doesNotContain("$");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "secret",
        "$pbkdf2-sha256$i=99999$" + SALT + "$" + KEY,
        "$pbkdf2-sha256$i=999999999$" + SALT + "$" + KEY,
        "$pbkdf2-sha256$i=99999999999999$" + SALT + "$" + KEY,
        "$pbkdf2-sha1$i=600000$" + SALT + "$" + KEY,
        "$pbkdf2-sha256$i=600000$short$" + KEY,
        "$pbkdf2-sha256$i=600000$" + SALT + "$" + KEY + "A",
        "$2b$12$abcdefghijklmnopqrstuv",
      })
  void whatIsNoneOrTooCheapOrTooDearIsNoHash(String text) {
    assertThat(PasswordHash.parse(text)).isEmpty();
    assertThat(PasswordHash.parse("$pbkdf2-sha256$i=600000$" + SALT + "$" + KEY)).isPresent();
  }
}

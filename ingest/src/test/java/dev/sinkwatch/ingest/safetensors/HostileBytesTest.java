package dev.sinkwatch.ingest.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.SnapshotId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostileBytesTest {
  static final byte[] VALID =
      MalformedRecords.document(
          "{'__metadata__':{'sinkwatch.run':'r','sinkwatch.step':'1','sinkwatch.attempt':'1',"
              + "'sinkwatch.rows':'2:4','sinkwatch.shape':'3,2,2','sinkwatch.kind':'dense',"
              + "'sinkwatch.observability':'exact','sinkwatch.index':'1','sinkwatch.operators':'2',"
              + "'sinkwatch.activation':'float32'},"
              + "'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}}",
          16);

  private static final List<String> LEGAL =
      List.of("\\u00e9", "\\\\", "\\n", "\u00e9", "\ud83d\ude00", " ", "\u007f");

  private static final List<String> ILLEGAL = List.of("\u0001", "\n", "\\x", "\\u00g9", "'");

  @Property(tries = 200)
  void aTruncatedRecordIsRefused(@ForAll @IntRange(min = 0, max = 400) int length) {
    byte[] cut = Arrays.copyOf(VALID, Math.min(length, VALID.length - 1));

    assertThat(thrown(cut)).isInstanceOf(RejectedException.class);
  }

  @Property(tries = 5000)
  void mutatedBytesAreReadOrRefused(
      @ForAll @Size(min = 1, max = 4) int[] places, @ForAll long seed) {
    byte[] mutated = VALID.clone();
    Random random = new Random(seed);
    String alphabet = "{}[]\":,0123456789-.eE \\u\0\u007f";
    for (int place : places) {
      byte other =
          random.nextBoolean()
              ? (byte) random.nextInt()
              : (byte) alphabet.charAt(random.nextInt(alphabet.length()));
      mutated[Math.floorMod(place, mutated.length)] = other;
    }

    assertReadOrRefused(mutated);
  }

  @Property(tries = 2000)
  void cutAndSplicedBytesAreReadOrRefused(
      @ForAll @IntRange(min = 8, max = 300) int from,
      @ForAll @IntRange(min = 0, max = 60) int length,
      @ForAll @IntRange(min = 8, max = 300) int to) {
    byte[] spliced = VALID.clone();
    int count = Math.min(length, spliced.length - Math.max(from, to));
    System.arraycopy(VALID, from, spliced, to, count);

    assertReadOrRefused(spliced);
  }

  @Property(tries = 500)
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    assertReadOrRefused(bytes);
  }

  @Property(tries = 5000)
  void whatIsUtf8IsWhatTheJdkDecodes(@ForAll @Size(max = 5) byte[] bytes, @ForAll long seed) {
    byte[] text = (new String(bytes, UTF_8) + "\ud83d\ude00\u20ac\u00e9 and more").getBytes(UTF_8);
    Random random = new Random(seed);
    for (int i = random.nextInt(3); i > 0; i--) {
      text[random.nextInt(text.length)] = (byte) (0x80 | random.nextInt());
    }
    assertUtf8(bytes);
    assertUtf8(text);
    assertUtf8(Arrays.copyOf(text, random.nextInt(text.length)));
  }

  /** Each pair of bytes behind each that a character can begin with, and a third behind some. */
  @Test
  void whatIsUtf8IsWhatTheJdkDecodesForAllThatIsShort() {
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        for (int third : new int[] {0x41, 0x7f, 0x80, 0xbf, 0xc2}) {
          assertUtf8(new byte[] {(byte) first, (byte) second, (byte) third, (byte) 0x80});
        }
      }
    }
  }

  @Property(tries = 100)
  void whiteSpaceOfALongHeaderMeansNothing(@ForAll long seed) throws RejectedException {
    Random random = new Random(seed);
    StringBuilder header = new StringBuilder();
    for (String token :
        List.of(
            "{",
            "'__metadata__'",
            ":",
            "{",
            "'sinkwatch.run'",
            ":",
            "'r'",
            ",",
            "'other'",
            ":",
            "'" + "  \\\\\\\"\u00e9".repeat(10_000) + "'",
            ",",
            "'sinkwatch.step'",
            ":",
            "'7'",
            "}",
            ",",
            "'w'",
            ":",
            "{",
            "'dtype'",
            ":",
            "'F32'",
            ",",
            "'shape'",
            ":",
            "[",
            "2",
            ",",
            "2",
            "]",
            ",",
            "'data_offsets'",
            ":",
            "[",
            "0",
            ",",
            "16",
            "]",
            "}",
            "}")) {
      if (!header.isEmpty()) {
        int spaces = random.nextBoolean() ? random.nextInt(3) : random.nextInt(9000);
        header.repeat(" \t\n\r".charAt(random.nextInt(4)), spaces);
      }
      header.append(token);
    }
    Decoded decoded = ShardCodec.decode(MalformedRecords.document(header.toString(), 16), 0);
    assertThat(decoded).isInstanceOf(Decoded.Parsed.class);
    assertThat(((Decoded.Parsed) decoded).shard().id()).isEqualTo(new SnapshotId("r", 0, "w", 7));
  }

  @Property(tries = 100)
  void aLongValueThatMeansNothingIsReadAsJsonAllTheSame(@ForAll long seed)
      throws RejectedException {
    Random random = new Random(seed);
    StringBuilder value = new StringBuilder();
    int illegal = random.nextBoolean() ? 0 : random.nextInt(200_000);
    boolean legal = true;
    while (value.length() < 250_000) {
      value.append(LEGAL.get(random.nextInt(LEGAL.size())));
      value.repeat('v', random.nextBoolean() ? random.nextInt(16) : random.nextInt(9000));
      if (illegal > 0 && legal && value.length() > illegal) {
        value.append(ILLEGAL.get(random.nextInt(ILLEGAL.size())));
        legal = false;
      }
    }
    String header =
        "{'__metadata__':{'sinkwatch.run':'r','other':'%s','sinkwatch.step':'7'},'w':%s}"
            .formatted(value, "{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}");
    byte[] record = MalformedRecords.document(header, 16);
    if (legal) {
      assertThat(((Decoded.Parsed) ShardCodec.decode(record, 0)).shard().id())
          .isEqualTo(new SnapshotId("r", 0, "w", 7));
    } else {
      assertThat(thrown(record))
          .isInstanceOfSatisfying(
              RejectedException.class,
              e -> assertThat(e.rejection().reason()).isEqualTo(Reason.HEADER_NOT_JSON));
    }
  }

  private static void assertUtf8(byte[] bytes) {
    Throwable thrown = catchThrowable(() -> UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)));
    assertThat(Utf8.wellFormed(bytes, 0, bytes.length)).isEqualTo(thrown == null);
  }

  private static void assertReadOrRefused(byte[] value) {
    Throwable thrown = thrown(value);
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(RejectedException.class);
    }
  }

  private static @Nullable Throwable thrown(byte[] value) {
    return catchThrowable(() -> ShardCodec.decode(value, 0));
  }
}

package dev.sinkwatch.ingest.checkpoint;

import static dev.sinkwatch.ingest.checkpoint.TestFiles.file;
import static dev.sinkwatch.ingest.checkpoint.TestFiles.header;
import static dev.sinkwatch.ingest.checkpoint.TestFiles.text;
import static dev.sinkwatch.ingest.checkpoint.TestFiles.truncate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointErrorsTest {
  @TempDir Path folder;

  @Test
  void nothingThere() {
    assertRefused(folder.resolve("model.safetensors"), "no such file or directory");
    assertRefused(folder.resolve("model.pt"), "no such file or directory");
    assertRefused(folder.resolve("a/../b"), "no such file or directory");
  }

  @Test
  void deniedAccessIsOneLineWhoeverRunsTheTest() {
    assertThat(CheckpointException.of(folder, new AccessDeniedException("w")))
        .hasMessage(folder + ": permission denied");
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("model.safetensors");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertRefused(pipe, "neither a file nor a directory");
  }

  @Test
  void emptyDirectory() {
    assertRefused(folder, "the directory is empty");
  }

  @Test
  void directoryOfOtherThings() throws Exception {
    text(folder.resolve("README.md"), "hello");
    text(folder.resolve("logs/2/log.txt"), "hello");

    assertRefused(folder, "no safetensors files in the directory");
  }

  @ParameterizedTest
  @CsvSource({
    "model.pt, safetensors.torch.save_file",
    "model.bin, safetensors.torch.save_file",
    "model.PTH, safetensors.torch.save_file",
    "last.ckpt, safetensors.torch.save_file",
    "__0_0.distcp, torch.distributed.checkpoint.format_utils"
  })
  void picklesAreToBeConverted(String name, String how) throws Exception {
    Path file = text(folder.resolve("run").resolve(name), "any");
    Path steps = folder.resolve("steps");
    text(steps.resolve("step-5").resolve(name), "any");

    assertRefused(file, how);
    assertRefused(folder.resolve("run"), how);
    assertRefused(steps, how);
  }

  @ParameterizedTest
  @ValueSource(strings = {"504b0304140000000800", "80028a0a6cfc9c46f920", "80049511000000000000"})
  void picklesUnderAnotherName(String start) throws Exception {
    byte[] bytes = Arrays.copyOf(java.util.HexFormat.of().parseHex(start), 1000);
    Path file = Files.write(folder.resolve("model.safetensors"), bytes);

    assertRefused(file, "this is a pickled checkpoint");
  }

  @Test
  void aHeaderThatLooksLikeAPickleIsNone() throws Exception {
    // lengths 0x0280 to 0x0580 start with the bytes of a pickle
    for (int length = 0x280; length <= 0x580; length += 0x100) {
      String start = "{'__metadata__':{'x':'";
      String end = "'},'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}";
      String fill = "-".repeat(length - start.length() - end.length());
      Path file = header(folder.resolve("w.safetensors"), start + fill + end, 1);

      assertThat(Checkpoints.find(file)).hasSize(1);

      truncate(file, 1);
      assertRefused(file, "truncated");
    }
  }

  @Test
  void aTextFile() throws Exception {
    assertRefused(text(folder.resolve("a.safetensors"), "hello"), "this is text, not safetensors");
    assertRefused(
        text(folder.resolve("b.safetensors"), "{'w': '\u00e9'}\n".repeat(100)),
        "this is text, not safetensors");
    assertRefused(
        text(
            folder.resolve("c.safetensors"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
        "Git LFS pointer");
  }

  @Test
  void aTruncatedFile() throws Exception {
    Path file = file(folder.resolve("model.safetensors"), "w", "v");
    long whole = Files.size(file);

    truncate(file, 1);
    assertRefused(
        file,
        "truncated, or still being written: it has "
            + (whole - 1)
            + " bytes, its header says "
            + whole);

    truncate(file, 80);
    assertRefused(file, "truncated, or still being written: the header claims");

    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 5));
    assertRefused(file, "too short for safetensors: the file has 5 bytes");

    Files.write(file, new byte[0]);
    assertRefused(file, "the file is empty");
  }

  @Test
  void bytesBehindTheTensors() throws Exception {
    Path file = file(folder.resolve("model.safetensors"), "w");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) + 3));

    assertRefused(file, "3 bytes behind its last tensor");
  }

  @Test
  void zeros() throws Exception {
    Path file = Files.write(folder.resolve("model.safetensors"), new byte[4096]);

    assertRefused(file, "this is not a valid safetensors file: the header is not one JSON object");
  }

  @Test
  void metadataOutOfRange() throws Exception {
    Path file =
        file(folder.resolve("model.safetensors"), Map.of("sinkwatch.kind", "sinkhorn"), "w");
    assertRefused(file, "sinkwatch.kind");

    file(file, Map.of("sinkwatch.step", "-1"), "w");
    assertRefused(file, "sinkwatch.step");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'weight_map':{'w':'../model-1.safetensors'}} | outside of its own directory",
        "{'weight_map':{'w':'a/../../model-1.safetensors'}} | outside of its own directory",
        "{'weight_map':{'w':'/etc/passwd'}} | outside of its own directory",
        "{'weight_map':{'w':'..\\\\model.safetensors'}} | outside of its own directory",
        "{'weight_map':{'w':''}} | outside of its own directory",
        "{'weight_map':{'w':'\\u0000'}} | outside of its own directory",
        "{'weight_map':{'w':'model-2.safetensors'}} | model-2.safetensors, which is missing",
        "{'weight_map':{'v':'model-1.safetensors'}} | the index says that tensor v is in it",
        "{'weight_map':{'w':'model-1.safetensors','w':'model-1.safetensors'}} | not valid JSON",
        "{'weight_map':{'w':1}} | by no string",
        "{'weight_map':[]} | not an object",
        "{'weight_map':{}} | no weight_map",
        "{'metadata':{'a':[]}} | no weight_map",
        "[] | not a JSON object",
        "{'weight_map':{'w': | not valid JSON"
      })
  void badIndex(String index, String why) throws Exception {
    file(folder.resolve("run/model-1.safetensors"), "w");
    file(folder.resolve("model-1.safetensors"), "w");
    text(folder.resolve("run/model.safetensors.index.json"), index);

    assertRefused(folder.resolve("run"), why);
  }

  @Test
  void anEmptyIndex() throws Exception {
    text(folder.resolve("model.safetensors.index.json"), "");

    assertRefused(folder, "not a JSON object");
  }

  @Test
  void filesOfOneIndexWithSeveralSteps() throws Exception {
    file(folder.resolve("a.safetensors"), Map.of("sinkwatch.step", "1"), "a");
    file(folder.resolve("b.safetensors"), Map.of("sinkwatch.step", "2"), "b");
    text(
        folder.resolve("model.safetensors.index.json"),
        "{'weight_map':{'a':'a.safetensors','b':'b.safetensors'}}");

    assertRefused(folder, "several steps: [1, 2]");
  }

  @Test
  void twoIndices() throws Exception {
    text(folder.resolve("a.safetensors.index.json"), "{}");
    text(folder.resolve("b.safetensors.index.json"), "{}");

    assertRefused(folder, "more than one index");
  }

  @Test
  void aSetWithoutAllOfItsFiles() throws Exception {
    Path file = file(folder.resolve("model-00001-of-00002.safetensors"), "w");

    assertRefused(folder, "other files of its set are missing");
    assertThat(catchThrowableOfType(CheckpointException.class, () -> Checkpoints.find(file)))
        .isNull();
  }

  @Test
  void oneTensorTwice() throws Exception {
    file(folder.resolve("a.safetensors"), "w");
    file(folder.resolve("b.safetensors"), "w");

    assertRefused(folder, "b.safetensors: tensor w of step 0 is also in");
  }

  @Test
  void severalRuns() throws Exception {
    file(folder.resolve("a.safetensors"), Map.of("sinkwatch.run", "one"), "w");
    file(folder.resolve("b.safetensors"), Map.of("sinkwatch.run", "two"), "v");

    assertRefused(folder, "it is of run two");
  }

  @Test
  void oneStepTwice() throws Exception {
    file(folder.resolve("step-5/model.safetensors"), "w");
    file(folder.resolve("checkpoint-5/model.safetensors"), "w");

    assertRefused(folder, "it is step 5, and so is");
  }

  @Test
  void oneBrokenStepSpoilsTheWholeDirectory() throws Exception {
    file(folder.resolve("step-5/model.safetensors"), "w");
    truncate(file(folder.resolve("step-6/model.safetensors"), "w"), 1);

    assertRefused(folder, "truncated");
  }

  @Test
  void filesBesideStepDirectories() throws Exception {
    file(folder.resolve("model.safetensors"), "w");
    file(folder.resolve("checkpoint-5/model.safetensors"), "w");

    assertRefused(folder, "both safetensors files and step directories");
  }

  private static void assertRefused(Path path, String why) {
    CheckpointException refusal =
        catchThrowableOfType(CheckpointException.class, () -> Checkpoints.find(path));

    assertThat(refusal).isNotNull();
    assertThat(refusal.getMessage()).contains(why).doesNotContain("\n");
  }
}

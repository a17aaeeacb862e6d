package dev.sinkwatch.ingest.checkpoint;

import static dev.sinkwatch.ingest.checkpoint.TestFiles.file;
import static dev.sinkwatch.ingest.checkpoint.TestFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told of files that nothing is published of. */
class SurveyWarningsTest {
  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  @Test
  void whatIsWrittenAgainAsTheSameStepAfterItWasPublishedIsToldOnce() throws Exception {
    Survey survey = survey();
    Path last = file(folder.resolve("last.safetensors"), "w");
    Path indexed = file(folder.resolve("step-7/a.safetensors"), "w");
    text(
        folder.resolve("step-7/model.safetensors.index.json"),
        "{'weight_map':{'w':'a.safetensors'}}");
    survey.look();
    List<Checkpoint> emitted = survey.look();
    assertThat(emitted).hasSize(2);
    emitted.forEach(survey::published);
    survey.look();
    assertThat(warnings).isEmpty();

    for (int state = 1; state <= 2; state++) {
      Files.setLastModifiedTime(last, FileTime.fromMillis(1_000_000L * state));
      Files.setLastModifiedTime(indexed, FileTime.fromMillis(1_000_000L * state));
      for (int look = 0; look < 3; look++) {
        assertThat(steps(survey)).isEmpty();
      }
    }
    assertThat(warnings)
        .satisfiesExactlyInAnyOrder(
            line ->
                assertThat(line)
                    .startsWith("not published: " + last)
                    .contains("as step 0", "sinkwatch.step", "--attempt 1"),
            line -> assertThat(line).startsWith("not published: " + indexed).contains("step 7"));
  }

  @Test
  void whatIsPickledIsToldOnceWithWhatToDo() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-1/model.safetensors"), "w");
    text(folder.resolve("step-1/optimizer.pt"), "beside what can be read");
    survey.look();
    survey.look();
    assertThat(warnings).isEmpty();

    for (int step = 2; step <= 3; step++) {
      text(folder.resolve("step-" + step + "/model.pt"), "pickled");
      survey.look();
      survey.look();
    }
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith("not published yet: " + folder + ": pickled checkpoints (.pt) are not read; ")
        .contains("safetensors.torch.save_file");
  }

  @Test
  void aPickleInTheDirectoryItselfIsTold() throws Exception {
    Survey survey = survey();
    text(folder.resolve("last.pt"), "pickled");
    survey.look();
    survey.look();
    assertThat(warnings).singleElement().asString().contains("pickled checkpoints (.pt)");
  }

  @Test
  void whatChangesWhileItIsPublishedIsNotTold() throws Exception {
    Survey survey = survey();
    Path file = file(folder.resolve("step-1/model.safetensors"), "w");
    survey.look();
    Checkpoint failing = survey.look().getFirst();
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    survey.look();
    survey.look();
    assertThat(warnings).isEmpty();
    survey.giveBack(failing, Instant.MAX);
    survey.look();
    survey.published(survey.look().getFirst());
    survey.look();
    assertThat(warnings).isEmpty();
  }

  private Survey survey() {
    return new Survey(folder, () -> Instant.EPOCH, warnings::add);
  }

  private static List<Long> steps(Survey survey) {
    return survey.look().stream().map(Checkpoint::step).toList();
  }
}

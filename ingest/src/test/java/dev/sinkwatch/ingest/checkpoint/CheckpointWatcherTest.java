package dev.sinkwatch.ingest.checkpoint;

import static dev.sinkwatch.ingest.checkpoint.TestFiles.file;
import static dev.sinkwatch.ingest.checkpoint.TestFiles.text;
import static dev.sinkwatch.ingest.checkpoint.TestFiles.truncate;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class CheckpointWatcherTest {
  @TempDir Path folder;
  private Instant now = Instant.EPOCH;

  @Test
  void aCheckpointComesOnceWhenItIsStable() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-10/model.safetensors"), "w");
    file(folder.resolve("step-9/model.safetensors"), "w");

    assertThat(steps(survey)).isEmpty();
    assertThat(steps(survey)).containsExactly(9L, 10L);
    assertThat(steps(survey)).isEmpty();

    file(folder.resolve("step-11/model.safetensors"), "w");
    assertThat(steps(survey)).isEmpty();
    assertThat(steps(survey)).containsExactly(11L);
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void aFileBeingWrittenWaits() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-1/model.safetensors"), "w");
    Path slow = file(folder.resolve("step-2/model.safetensors"), "w");
    byte[] whole = Files.readAllBytes(slow);
    truncate(slow, 8);

    assertThat(steps(survey)).isEmpty();
    assertThat(steps(survey)).containsExactly(1L);
    assertThat(steps(survey)).isEmpty();

    Files.write(slow, whole);
    assertThat(steps(survey)).isEmpty();
    Files.setLastModifiedTime(slow, FileTime.fromMillis(1_000_000));
    assertThat(steps(survey)).isEmpty();
    assertThat(steps(survey)).containsExactly(2L);
  }

  @Test
  void aSetWaitsForAllOfItsFiles() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-1/model-1-of-2.safetensors"), "w");
    survey.look();
    assertThat(steps(survey)).isEmpty();

    file(folder.resolve("step-1/model-2-of-2.safetensors"), "v");
    assertThat(steps(survey)).isEmpty();
    assertThat(survey.look())
        .singleElement()
        .satisfies(checkpoint -> assertThat(checkpoint.files()).hasSize(2));
  }

  @Test
  void anIndexWaitsForItsFiles() throws Exception {
    Survey survey = survey();
    text(
        folder.resolve("step-1/model.safetensors.index.json"),
        "{'weight_map':{'w':'a.safetensors','v':'b.safetensors'}}");
    file(folder.resolve("step-1/a.safetensors"), "w");
    survey.look();
    assertThat(steps(survey)).isEmpty();

    file(folder.resolve("step-1/b.safetensors"), "v");
    survey.look();
    assertThat(steps(survey)).containsExactly(1L);
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void filesInTheDirectoryItselfAreFollowedToo() throws Exception {
    Survey survey = survey();
    file(folder.resolve("a-1.safetensors"), "w");
    truncate(file(folder.resolve("a-2.safetensors"), "w"), 1);
    text(folder.resolve("notes-3.safetensors"), "no tensors");
    file(folder.resolve("step-4/model.safetensors"), "w");

    survey.look();
    assertThat(steps(survey)).containsExactly(1L, 4L);

    file(folder.resolve("a-2.safetensors"), "w");
    survey.look();
    assertThat(steps(survey)).containsExactly(2L);
  }

  @Test
  void aFileWrittenAnewIsNewWhenItSaysAnotherStep() throws Exception {
    Survey survey = survey();
    Path latest = folder.resolve("latest.safetensors");
    file(latest, Map.of("sinkwatch.step", "1"), "w");
    survey.look();
    assertThat(steps(survey)).containsExactly(1L);

    file(latest, Map.of("sinkwatch.step", "2"), "w");
    // of the same size, and the file system's clock may stand still for some milliseconds
    Files.setLastModifiedTime(latest, FileTime.fromMillis(2_000_000));
    survey.look();
    assertThat(steps(survey)).containsExactly(2L);

    Files.setLastModifiedTime(latest, FileTime.fromMillis(1_000_000));
    survey.look();
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void aFileOfAStepThatCameBeforeComesAlone() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-1/rank0.safetensors"), "w");
    survey.look();
    assertThat(steps(survey)).containsExactly(1L);

    Path late = file(folder.resolve("step-1/rank1.safetensors"), "v");
    survey.look();
    assertThat(survey.look()).singleElement().returns(late, Checkpoint::path);
  }

  @Test
  void whatIsGivenBackComesAgainWhenItsTimeHasComeAndNotBefore() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-1/model-1-of-2.safetensors"), "w");
    file(folder.resolve("step-1/model-2-of-2.safetensors"), "v");
    survey.look();
    Checkpoint failed = survey.look().getFirst();
    survey.giveBack(failed, now.plusSeconds(10));
    survey.look();
    assertThat(steps(survey)).isEmpty();

    now = now.plusSeconds(10);
    survey.look();
    assertThat(survey.look()).containsExactly(failed);
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void whatIsGivenBackComesAgainWholeWhenOneOfItsFilesHasChanged() throws Exception {
    Survey survey = survey();
    Path first = file(folder.resolve("step-1/model-1-of-2.safetensors"), "w");
    file(folder.resolve("step-1/model-2-of-2.safetensors"), "v");
    survey.look();
    survey.giveBack(survey.look().getFirst(), Instant.MAX);
    survey.look();
    assertThat(steps(survey)).isEmpty();

    Files.setLastModifiedTime(first, FileTime.fromMillis(1_000_000));
    survey.look();
    assertThat(survey.look())
        .singleElement()
        .satisfies(checkpoint -> assertThat(checkpoint.files()).hasSize(2));
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void whatHadChangedAlreadyWhenItIsGivenBackComesAgain() throws Exception {
    Survey survey = survey();
    Path file = file(folder.resolve("step-1/model.safetensors"), "w");
    survey.look();
    Checkpoint failed = survey.look().getFirst();
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    survey.look();
    survey.look();
    survey.giveBack(failed, Instant.MAX);
    survey.look();
    assertThat(steps(survey)).containsExactly(1L);
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void whatIsGivenBackWaitsAlsoWhereAFileThatNoIndexNamesLiesBesideIt() throws Exception {
    Survey survey = survey();
    file(folder.resolve("step-1/model-1-of-1.safetensors"), "w");
    file(folder.resolve("step-1/adapter.safetensors"), "v");
    text(
        folder.resolve("step-1/model.safetensors.index.json"),
        "{\"weight_map\": {\"w\": \"model-1-of-1.safetensors\"}}");
    survey.look();
    Checkpoint failed = survey.look().getFirst();
    survey.giveBack(failed, now.plusSeconds(10));
    survey.look();
    assertThat(steps(survey)).isEmpty();

    now = now.plusSeconds(10);
    assertThat(steps(survey)).containsExactly(1L);
    assertThat(steps(survey)).isEmpty();
  }

  @Test
  void theFluxEmitsAgainWhatIsGivenBack() throws Exception {
    file(folder.resolve("step-1/model.safetensors"), "w");
    CheckpointWatcher watcher = new CheckpointWatcher(folder, Duration.ofMillis(5));

    StepVerifier.create(watcher.checkpoints())
        .assertNext(checkpoint -> watcher.giveBack(checkpoint, Instant.MIN))
        .assertNext(checkpoint -> assertThat(checkpoint.step()).isEqualTo(1))
        .thenCancel()
        .verify(Duration.ofSeconds(60));
  }

  @Test
  void theFluxFollowsADirectoryThatIsNotThereYet() {
    Path later = folder.resolve("later");

    StepVerifier.create(checkpoints(later).map(Checkpoint::step))
        .then(() -> write(later.resolve("step-1/model.safetensors")))
        .expectNext(1L)
        .then(() -> write(later.resolve("step-2/model.safetensors")))
        .expectNext(2L)
        .thenCancel()
        .verify(Duration.ofSeconds(60));
  }

  @Test
  void theFluxHonoursDemand() throws Exception {
    file(folder.resolve("step-1/model.safetensors"), "w");
    file(folder.resolve("step-2/model.safetensors"), "w");

    StepVerifier.create(checkpoints(folder).map(Checkpoint::step), 1)
        .expectNext(1L)
        .thenRequest(1)
        .expectNext(2L)
        .thenCancel()
        .verify(Duration.ofSeconds(60));
  }

  @Test
  void aFileCannotBeWatched() throws Exception {
    Path file = file(folder.resolve("model.safetensors"), "w");

    StepVerifier.create(checkpoints(file))
        .expectErrorSatisfies(error ->
            assertThat(error)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("only a directory can be watched"))
        .verify(Duration.ofSeconds(60));
  }

  private Survey survey() {
    return new Survey(folder, () -> now, _ -> {});
  }

  private static Flux<Checkpoint> checkpoints(Path directory) {
    return new CheckpointWatcher(directory, Duration.ofMillis(5)).checkpoints();
  }

  private static List<Long> steps(Survey survey) {
    return survey.look().stream().map(Checkpoint::step).toList();
  }

  private static void write(Path path) {
    try {
      file(path, "w");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.sinkwatch.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;

/** Something to be timed, over and over. */
@FunctionalInterface
interface Work {

  /** Given instead of the time that {@link #run} took, when it knows better: seconds. */
  String SECONDS = "seconds";

  /**
   * Does it once.
   *
   * @return what it found, by name, so that the comparison can see that both sides did the same
   */
  Map<String, Double> run() throws IOException;

  /** What has to be done before a repetition and is not part of it. */
  default void ready(JsonNode request) throws IOException {}
}

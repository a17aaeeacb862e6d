package dev.sinkwatch.ingest.safetensors;

import java.util.Set;

/** Keys of {@code __metadata__} that mean something here. */
public final class Keys {
  static final String PREFIX = "sinkwatch.";

  public static final String RUN = "sinkwatch.run";
  public static final String STEP = "sinkwatch.step";
  public static final String ATTEMPT = "sinkwatch.attempt";
  public static final String ROWS = "sinkwatch.rows";
  public static final String SHAPE = "sinkwatch.shape";
  public static final String KIND = "sinkwatch.kind";
  public static final String OBSERVABILITY = "sinkwatch.observability";
  public static final String INDEX = "sinkwatch.index";
  public static final String OPERATORS = "sinkwatch.operators";
  public static final String ACTIVATION = "sinkwatch.activation";
  public static final String LEARNING_RATE = "sinkwatch.learning-rate";
  public static final String WEIGHT_DECAY = "sinkwatch.weight-decay";
  public static final String PUBLISH = "sinkwatch.publish";

  /** All that a body may say, for one tensor or for all. */
  static final Set<String> OF_BODIES =
      Set.of(
          RUN,
          STEP,
          ATTEMPT,
          ROWS,
          SHAPE,
          KIND,
          OBSERVABILITY,
          INDEX,
          OPERATORS,
          ACTIVATION,
          LEARNING_RATE,
          WEIGHT_DECAY,
          PUBLISH);

  private Keys() {}
}

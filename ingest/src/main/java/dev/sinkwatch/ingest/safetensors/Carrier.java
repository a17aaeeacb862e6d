package dev.sinkwatch.ingest.safetensors;

/** What carries a safetensors document, and so how large its header may be. */
public enum Carrier {
  /** A Kafka record: exactly one tensor, a header of at most 1 MiB. */
  RECORD(1 << 20, 8192, "record"),
  /** A request's body: any number of tensors, a header of at most 4 MiB, some 35,000 tensors. */
  BODY(4 << 20, 16 << 20, "body"),
  /** A file: any number of tensors, a header of at most 100 MB. */
  FILE(100_000_000, Integer.MAX_VALUE, "file");

  private final int headerLimit;
  private final int headerContent;
  private final String noun;

  Carrier(int headerLimit, int headerContent, String noun) {
    this.headerLimit = headerLimit;
    this.headerContent = headerContent;
    this.noun = noun;
  }

  /** The most bytes that a header may have. */
  public int headerLimit() {
    return headerLimit;
  }

  /**
   * The most characters of keys and of values that mean something; each key and value counts for a
   * few more. Other values of the metadata may be as long as they like.
   */
  int headerContent() {
    return headerContent;
  }

  String noun() {
    return noun;
  }
}

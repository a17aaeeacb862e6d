package dev.sinkwatch.dashboard.http;

/**
 * What clients may take of the door.
 *
 * @param connections open at once; those beyond are told so
 * @param streams of server-sent events, open at once
 * @param headMillis for a new connection's first request to arrive as a whole, body aside
 * @param idleMillis between one request and the next, for that one to arrive
 * @param bodyMillis for a request's body
 * @param bodyBytes of a body that nothing here wants
 */
record Limits(
    int connections,
    int streams,
    long headMillis,
    long idleMillis,
    long bodyMillis,
    long bodyBytes) {

  static final Limits DEFAULT = new Limits(1024, 256, 10_000, 60_000, 10_000, 16 << 10);

  /** Connections beyond the limit that are told so; more are closed without a word. */
  int crowd() {
    return connections + Math.max(8, connections / 16);
  }
}

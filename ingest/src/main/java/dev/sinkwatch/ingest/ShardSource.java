package dev.sinkwatch.ingest;

import reactor.core.publisher.Flux;

/** Where shards come from. */
@FunctionalInterface
public interface ShardSource {

  /**
   * Cold, for one subscriber, honouring demand. It ends with an error only when the source as a
   * whole is lost, never for a bad record.
   */
  Flux<Delivery> deliveries();
}

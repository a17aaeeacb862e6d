package dev.sinkwatch.analyzer.spectrum;

import org.jspecify.annotations.Nullable;

/**
 * The gain ||QPQ|| of an operator's detail as one look finds it.
 *
 * @param search that came closest to it
 * @param lower it is at least this
 * @param upper it is at most this, with the probability that was asked for
 * @param products that were made for it
 * @param carried whether {@code upper} rests on an earlier snapshot's certificate
 */
record DetailGain(KrylovSearch search, double lower, double upper, int products, boolean carried) {

  /**
   * Under a certificate that carries.
   *
   * @param search from the last snapshot's vectors
   * @param upper what it carries to this snapshot
   */
  static DetailGain carried(KrylovSearch search, double upper) {
    return new DetailGain(search, search.lower(0), upper, search.products(), true);
  }

  /**
   * With a certificate of its own.
   *
   * @param search from a random start
   * @param warm from the last snapshot's vectors before it, if there was one
   * @param floor what that knows the gain not to be below
   */
  static DetailGain certified(KrylovSearch search, @Nullable KrylovSearch warm, double floor) {
    KrylovSearch best = warm != null && warm.estimate(0) > search.estimate(0) ? warm : search;
    return new DetailGain(
        best,
        Math.max(floor, Math.max(best.lower(0), search.lower(0))),
        Math.max(search.upper(), best.estimate(0)),
        search.products() + (warm == null ? 0 : warm.products()),
        false);
  }

  /** Within its bounds. */
  double estimate() {
    return Math.clamp(search.estimate(0), lower, Math.max(lower, upper));
  }
}

// How a run stands, in a word.

/** The chain that keeps detail over the smallest part of its operators; null of none. */
export function shallowest(chains) {
  const part = (chain) => chain.networkEffectiveDepth / chain.operators;
  return chains.reduce((least, chain) => (least === null || part(chain) < part(least) ? chain : least), null);
}

/** The word, the class of its dot, and its place when sorted by trouble, of a summary. */
export function standing({ alarmCounts, observable }) {
  if (alarmCounts.critical) return { word: 'critical', className: 'bad', rank: 0 };
  if (alarmCounts.warning) return { word: 'warning', className: 'warn', rank: 1 };
  if (!observable) return { word: 'not observable', className: 'unknown', rank: 2 };
  if (alarmCounts.info) return { word: 'info', className: 'info', rank: 3 };
  if (alarmCounts.pending) return { word: 'pending', className: 'info', rank: 4 };
  return { word: 'no alarm', className: 'good', rank: 5 };
}

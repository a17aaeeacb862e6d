// How a run stands, in a word.

import { age } from '/assets/format.js';
import { TRAP } from '/assets/scales.js';

/** The chain that keeps detail over the smallest part of its operators; null of none. */
export function shallowest(chains) {
  const part = (chain) => chain.networkEffectiveDepth / chain.operators;
  return chains.reduce((least, chain) => (least === null || part(chain) < part(least) ? chain : least), null);
}

/** A run that said nothing for so long may have ended, or be stuck. */
const SILENT_MILLIS = 5 * 60_000;

/** The word, the class of its dot, and its place when sorted by trouble, of a summary; `now` is the monitor's time. */
export function standing({ alarmCounts, observable, sigma2Min, last }, now) {
  if (alarmCounts.critical) return { word: 'critical', className: 'bad', rank: 0 };
  if (alarmCounts.warning) return { word: 'warning', className: 'warn', rank: 1 };
  if (!observable) return { word: 'not observable', className: 'unknown', rank: 2 };
  if (alarmCounts.info) return { word: 'info', className: 'info', rank: 3 };
  if (alarmCounts.pending) return { word: 'pending', className: 'info', rank: 4 };
  if (sigma2Min !== null && sigma2Min < TRAP) return { word: 'low σ₂, too new for alarms', className: 'warn', rank: 2 };
  if (now - last > SILENT_MILLIS) return { word: `no alarm, silent for ${age(now - last)}`, className: 'unknown', rank: 5 };
  return { word: 'no alarm', className: 'good', rank: 5 };
}

// Tables of the layers of a run, and the figures above them.

import { element } from '/assets/dom.js';
import { bounded, depth, integer, number, observability } from '/assets/format.js';
import { TRAP } from '/assets/scales.js';
import { Table } from '/assets/tables.js';

const trapped = (value) => (value !== null && value !== undefined && value < TRAP ? 'bad' : '');

function figure(title, key, hint) {
  return { title, hint, numeric: true, text: (verdict) => number(verdict[key]), sort: (verdict) => verdict[key] };
}

function within(title, key, hint) {
  return { ...figure(title, key, hint), text: (verdict) => bounded(verdict[key], verdict[`${key}Lower`], verdict[`${key}Upper`]) };
}

const STEP = { title: 'Step', text: (verdict) => integer(verdict.step), sort: (verdict) => verdict.step, numeric: true };
const NON_FINITE = {
  title: 'NaN, Inf',
  hint: 'values that are not finite',
  numeric: true,
  text: (verdict) => integer(verdict.nonFinite),
  sort: (verdict) => verdict.nonFinite,
  className: (verdict) => (verdict.nonFinite ? 'bad' : ''),
};

function name(href) {
  return { title: 'Layer', text: (verdict) => verdict.layer, tip: (verdict) => verdict.layer, href: (verdict) => href(verdict.layer) };
}

/** `href(layer)` leads to a layer; `pins` { has(layer), change(layer, on) } are the layers drawn as lines. */
export function operatorTable(container, href, choose, pins) {
  return new Table(container, {
    label: 'Operators',
    key: (verdict) => verdict.layer,
    choose,
    columns: [
      {
        title: 'Line',
        hint: 'draw this layer as a line',
        text: () => '',
        toggle: { label: (verdict) => `draw ${verdict.layer} as a line`, checked: (verdict) => pins.has(verdict.layer), change: (verdict, on) => pins.change(verdict.layer, on) },
      },
      name(href),
      {
        title: 'σ₂',
        hint: 'second singular value, with its bounds',
        numeric: true,
        text: (verdict) => bounded(verdict.sigma2, verdict.sigma2Lower, verdict.sigma2Upper),
        sort: (verdict) => verdict.sigma2,
        className: (verdict) => trapped(verdict.sigma2),
        tip: (verdict) => (verdict.sigma2Batch
          ? `of ${verdict.batch}: min ${number(verdict.sigma2Batch.min)}, median ${number(verdict.sigma2Batch.median)}, p95 ${number(verdict.sigma2Batch.p95)}, max ${number(verdict.sigma2Batch.max)}`
          : ''),
      },
      {
        title: 'Detail gain',
        hint: 'how much of the differences between streams the layer can keep, with its bounds',
        numeric: true,
        text: (verdict) => bounded(verdict.detailGain, verdict.detailGainLower, verdict.detailGainUpper),
        sort: (verdict) => verdict.detailGain,
        className: (verdict) => trapped(verdict.detailGainUpper),
      },
      {
        title: 'Eff. depth',
        hint: 'such layers until detail has fallen to eps',
        numeric: true,
        text: (verdict) => depth(verdict.effectiveDepth, verdict.detailGain),
        sort: (verdict) => verdict.effectiveDepth ?? (verdict.detailGain === null || verdict.detailGain === undefined ? null : Infinity),
      },
      figure('Row residual', 'rowResidual', 'largest |row sum − 1|'),
      figure('Col. residual', 'columnResidual', 'largest |column sum − 1|'),
      figure('Entropy', 'entropy', 'mean row entropy; 1 is the uniform matrix'),
      figure('To identity', 'identityDistance', 'distance to the identity matrix; 0 is the identity'),
      NON_FINITE,
      { title: 'Kind', text: (verdict) => verdict.kind },
      {
        title: 'Observability',
        text: (verdict) => verdict.observability + (verdict.projectionAssumed ? ', assumed' : '') + (verdict.partsMissing ? ' *' : ''),
        tip: observability,
      },
      STEP,
    ],
  });
}

export function denseTable(container, href, choose) {
  return new Table(container, {
    label: 'Dense layers',
    key: (verdict) => verdict.layer,
    choose,
    columns: [
      name(href),
      { title: 'Shape', text: (verdict) => verdict.shape.join(' × '), sort: (verdict) => verdict.shape.reduce((a, b) => a * b, 1) },
      within('σ₁', 'sigma1', 'largest singular value, with its bounds'),
      within('σ₂', 'sigma2', 'second singular value, with its bounds'),
      figure('Stable rank', 'stableRank', 'squared Frobenius norm / σ₁²'),
      figure('Frobenius', 'frobenius', 'Frobenius norm'),
      NON_FINITE,
      STEP,
    ],
  });
}

function tile(term, value, note, className = '') {
  return element('div', { class: `tile ${className}` },
    element('dt', {}, term), element('dd', {}, value, element('small', {}, note)));
}

/** The figures of a run at a glance, for one of its chains. */
export function tiles(run, chain) {
  const operators = run.operators();
  const least = operators.reduce((found, verdict) => (verdict.sigma2 !== null && verdict.sigma2 !== undefined
    && (found === null || verdict.sigma2 < found.sigma2) ? verdict : found), null);
  const shown = [tile('Step', integer(run.step), run.attempt ? `attempt ${run.attempt}` : '')];
  shown.push(tile('Lowest σ₂', number(least?.sigma2), least?.layer ?? 'no operator', least ? trapped(least.sigma2) : ''));
  if (!chain) return shown;
  const composite = chain.compositeEffectiveDepth;
  shown.push(tile('Network effective depth', `${chain.networkEffectiveDepth} of ${chain.operators}`,
    composite === null || composite === undefined ? 'at most, in operators' : `at most; composite ${composite}`,
    chain.networkEffectiveDepth < chain.operators ? 'warn' : ''));
  shown.push(tile('Detail left', number(chain.compositeGain?.at(-1) ?? chain.depthGain.at(-1)),
    chain.compositeGain ? `composite; bound ${number(chain.depthGain.at(-1))}` : 'upper bound'));
  if (chain.n > 2) {
    const state = chain.snrCeiling === null ? '' : chain.snrCeiling < chain.snrCritical ? 'bad' : chain.snrCeiling < 1 ? 'warn' : '';
    shown.push(tile('SNR ceiling', number(chain.snrCeiling),
      `critical ${number(chain.snrCritical)}${chain.assumed ? '; noise assumed' : ''}`, state));
  }
  if (chain.operatorsMissing.length) {
    shown.push(tile('Missing', integer(chain.operatorsMissing.length), 'operators at the last step', 'warn'));
  }
  return shown;
}

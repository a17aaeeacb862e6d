// How the figures are coloured and named. A shade runs from 0, the healthy end, to SHADES - 1; reds are the alarm's side.

import { element } from '/assets/dom.js';
import { number } from '/assets/format.js';

export const SHADES = 510;
/** Codes of cells: no verdict, an undefined figure, then the shades. */
export const ABSENT = 0;
export const UNDEFINED = 1;
export const FIRST = 2;

// viridis, which is perceptually uniform; the reds differ from it in lightness too
const VIRIDIS = [
  [68, 1, 84], [71, 39, 119], [62, 73, 137], [48, 103, 141], [37, 130, 142],
  [30, 157, 136], [53, 183, 120], [109, 206, 88], [181, 221, 43], [253, 231, 36],
];
const BAD_FLOOR = [214, 28, 58];
const BAD_EDGE = [255, 118, 110];
const NOT_A_NUMBER = [120, 124, 132];

function between(a, b, t) {
  return a.map((from, i) => Math.round(from + (b[i] - from) * t));
}

function viridis(t) {
  const at = Math.min(1, Math.max(0, t)) * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return between(VIRIDIS[below], VIRIDIS[below + 1], at - below);
}

const linear = (low, high) => ({ low, high, to: (value) => (value - low) / (high - low), from: (t) => low + t * (high - low) });
const logarithmic = (low, high) => ({
  low,
  high,
  to: (value) => (value <= 0 ? 0 : Math.log(value / low) / Math.log(high / low)),
  from: (t) => low * (high / low) ** t,
});

/**
 * A figure's scale. `bad` is the value beyond which it is red, `worse` the side: 'low' or 'high'. `ticks` are
 * written at the legend.
 */
class Scale {
  constructor(key, label, axis, worse, bad, badWord, ticks) {
    Object.assign(this, { key, label, axis, worse, bad, badWord, ticks });
    this.edge = bad === null ? null : Math.min(1, Math.max(0, axis.to(bad)));
    /** Between the reds. */
    this.hatch = (255 << 24) | (24 << 16) | (0 << 8) | 84;
    this.colours = new Uint32Array(FIRST + SHADES);
    const little = (([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
    this.colours[ABSENT] = 0;
    this.colours[UNDEFINED] = little(NOT_A_NUMBER);
    for (let shade = 0; shade < SHADES; shade++) this.colours[FIRST + shade] = little(this.#colour(shade / (SHADES - 1)));
  }

  isBad(value) {
    if (this.bad === null || value === null || value === undefined || Number.isNaN(value)) return false;
    return this.worse === 'low' ? value < this.bad : value > this.bad;
  }

  /** Whether a shade is one of the reds. */
  isBadCode(code) {
    if (this.edge === null || code < FIRST) return false;
    return this.worse === 'low' ? code - FIRST < this.#firstGood() : code - FIRST > this.#firstGood();
  }

  code(value) {
    if (value === -Infinity) return ABSENT;
    if (Number.isNaN(value)) return UNDEFINED;
    const t = Math.min(1, Math.max(0, this.axis.to(value)));
    // the threshold itself is not yet bad, whatever rounding says
    if (this.edge !== null && !this.isBad(value)) {
      const first = this.#firstGood();
      const shade = Math.round(t * (SHADES - 1));
      return FIRST + (this.worse === 'low' ? Math.max(shade, first) : Math.min(shade, first));
    }
    return FIRST + Math.round(t * (SHADES - 1));
  }

  /** The shade next to the threshold that is still good. */
  #firstGood() {
    const at = this.edge * (SHADES - 1);
    return this.worse === 'low' ? Math.ceil(at) : Math.floor(at);
  }

  #colour(t) {
    if (this.edge === null) return viridis(this.worse === 'high' ? 1 - t : t);
    const first = this.#firstGood() / (SHADES - 1);
    if (this.worse === 'low') {
      return t < first ? between(BAD_FLOOR, BAD_EDGE, t / this.edge) : viridis((t - first) / Math.max(1e-9, 1 - first));
    }
    return t > first ? between(BAD_EDGE, BAD_FLOOR, (t - this.edge) / Math.max(1e-9, 1 - this.edge)) : viridis(1 - t / Math.max(1e-9, first));
  }

  /** The colours from one end to the other. */
  bar(width, height) {
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) {
      const code = FIRST + Math.round(((i % width) / (width - 1)) * (SHADES - 1));
      pixels[i] = this.isBadCode(code) && i % width % 6 > 4 ? this.hatch : this.colours[code];
    }
    return image;
  }

  /** The scale as a picture with words. */
  legend() {
    const width = 200;
    const bar = element('canvas', { width: String(width), height: '10', 'aria-hidden': 'true' });
    const context = bar.getContext('2d');
    context.putImageData(this.bar(width, 10), 0, 0);
    const ticks = element('div', { class: 'legend-ticks', 'aria-hidden': 'true' });
    for (const value of this.ticks) {
      const tick = element('span', { class: value === this.bad ? 'at-bad' : null }, number(value));
      tick.style.left = `${100 * this.axis.to(value)}%`;
      ticks.append(tick);
    }
    const said = this.bad === null ? '' : `; red ${this.worse === 'low' ? 'below' : 'above'} ${number(this.bad)}: ${this.badWord}`;
    const word = this.bad === null ? '' : element('span', { class: 'bad-word', 'aria-hidden': 'true' }, this.badWord);
    const node = element('div', { class: 'legend', role: 'img', 'aria-label': `Colours from ${number(this.axis.low)} to ${number(this.axis.high)}${said}` });
    node.title = 'grey is an undefined figure, nothing is no verdict';
    node.append(...(this.worse === 'low' ? [word, element('div', {}, bar, ticks)] : [element('div', {}, bar, ticks), word]));
    return node;
  }
}

export const TRAP = 0.1;

export const SCALES = [
  new Scale('sigma2', 'σ₂', linear(0, 1), 'low', TRAP, 'trap', [0.1, 0.5, 1]),
  new Scale('detailGain', 'detail gain', linear(0, 1), 'low', TRAP, 'trap', [0.1, 0.5, 1]),
  new Scale('effectiveDepth', 'effective depth', logarithmic(1, 1000), 'low', 2, 'trap', [2, 30, 1000]),
  new Scale('entropy', 'entropy', linear(0, 1), 'high', null, '', [0, 0.5, 1]),
  new Scale('rowResidual', 'row residual', logarithmic(1e-8, 1), 'high', 1e-2, 'not converged', [1e-8, 1e-5, 1e-2]),
  new Scale('columnResidual', 'column residual', logarithmic(1e-8, 1), 'high', 1e-2, 'not converged', [1e-8, 1e-5, 1e-2]),
  new Scale('identityDistance', 'identity distance', linear(0, 1), 'low', null, '', [0, 0.5, 1]),
  new Scale('permutationDistance', 'permutation distance', logarithmic(1e-6, 1), 'low', 1e-3, 'frozen?', [1e-6, 1e-3, 1]),
  new Scale('barycenterDistance', 'barycenter distance', linear(0, 1), 'low', null, '', [0, 0.5, 1]),
  new Scale('gainSpread', 'gain spread', logarithmic(1e-6, 10), 'high', Math.log(2), 'ln 2', [1e-6, Math.log(2)]),
];

const BY_KEY = new Map(SCALES.map((scale) => [scale.key, scale]));

export function scaleOf(key) {
  return BY_KEY.get(key) ?? SCALES[0];
}

/** The colours of a matrix whose entries lie in [0, most]: one hue, darker with more. */
export function matrixColour(value, most, dark) {
  if (Number.isNaN(value) || value === null) return `rgb(${NOT_A_NUMBER.join(' ')})`;
  const t = Math.min(1, Math.max(0, value / (most || 1)));
  const [from, to] = dark ? [[24, 33, 44], [150, 200, 255]] : [[244, 248, 253], [14, 62, 128]];
  return `rgb(${between(from, to, t).join(' ')})`;
}

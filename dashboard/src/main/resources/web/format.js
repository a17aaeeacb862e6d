// Numbers and times as people read them. null is what the monitor says of undefined and infinite.

export const UNDEFINED = '—';
export const INFINITE = '∞';

const whole = new Intl.NumberFormat('en-US');

/** Three significant digits; very small and very large ones with an exponent. */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return UNDEFINED;
  if (value === Infinity) return INFINITE;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) {
    const [mantissa, exponent] = value.toExponential(1).split('e');
    return `${mantissa.replace(/\.0$/, '')}e${Number(exponent)}`.replace(/-/g, '−');
  }
  const text = size >= 1000 ? value.toFixed(0) : value.toPrecision(3);
  return text.replace('-', '−');
}

export function integer(value) {
  return value === null || value === undefined ? UNDEFINED : whole.format(value);
}

/** A depth in layers: infinite where the gain it follows from is known, else undefined. */
export function depth(value, gain) {
  if (value !== null && value !== undefined) return value >= 1000 ? number(value) : String(+value.toFixed(1));
  return gain === null || gain === undefined ? UNDEFINED : INFINITE;
}

/** The value with its bounds, if they say more than the value. */
export function bounded(value, lower, upper) {
  const text = number(value);
  if (lower === null || lower === undefined || upper === null || upper === undefined) return text;
  const [low, high] = [number(lower), number(upper)];
  return low === text && high === text ? text : `${text} [${low}, ${high}]`;
}

export function age(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function plural(count, one, many) {
  return `${integer(count)} ${count === 1 ? one : many}`;
}

/** What an observability means, in a few words. */
export const OBSERVABILITY = {
  'exact': 'this matrix is what the model applies',
  'sampled': 'matrices captured from a forward pass',
  'isotropic-proxy': 'operators drawn from the weights for isotropic inputs',
  'static-proxy': 'only the input-independent part',
};

/** Of logits that were published without a rule. */
const ASSUMED = 'made doubly stochastic by the usual softmax of rows, 20 iterations, epsilon 1e-6, temperature 1: no profile has a rule for this tensor, and the model may make another matrix';

/** Why a verdict is without a tensor, after its name. */
const MISSING = {
  'absent': 'has not come',
  'too-large': 'is larger than analysis.max-buffer or the memory that is left',
  'unfit': 'is not what the profile says it is',
};

/** What a verdict's observability means, and what it is judged without. */
export function observability(verdict) {
  const missing = (verdict.partsMissing ?? []).map(({ tensor, cause }) => `${tensor.replaceAll('|', ' or ')} ${MISSING[cause] ?? cause}`);
  const meaning = verdict.projectionAssumed ? ASSUMED : OBSERVABILITY[verdict.observability];
  return [meaning, ...missing].filter(Boolean).join('; ');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(count) {
  if (count === null || count === undefined) return UNDEFINED;
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit ? number(value) : integer(Math.round(value))} ${UNITS[unit]}`;
}

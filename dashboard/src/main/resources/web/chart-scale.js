// Values as uPlot can draw them, and what is written at their axis.

/** Where nothing but zeros is: what double precision leaves of 1. */
const LEAST_DECADE = -16;

/** Differences so small beside the values are rounding, and make no axis. */
const LEAST_SPREAD = 1e-6;

/** uPlot finds no round numbers for an axis that is shorter. */
const LEAST_AXIS = 1e-12;

/**
 * Decimal logarithms, drawn on a linear axis: uPlot's own logarithmic axis fails below 1e-16, where a deep network's
 * gain soon is. Zero has no place on it and is drawn at `zero`, below the decade of the least positive value; that is
 * null where nothing is zero.
 */
export function logarithms(columns) {
  const logs = columns.map((column) => column.map((value) => (value === null || value < 0 ? null : Math.log10(value))));
  let least = Infinity;
  for (const column of logs) {
    for (const value of column) {
      if (value !== null && value > -Infinity && value < least) least = value;
    }
  }
  const zero = Math.floor(least === Infinity ? LEAST_DECADE : least) - 1;
  return {
    columns: logs.map((column) => column.map((value) => (value === -Infinity ? zero : value))),
    zero: logs.some((column) => column.includes(-Infinity)) ? zero : null,
  };
}

/** uPlot knows neither infinite nor undefined numbers. */
export function drawable(columns) {
  return columns.map((column) => column.map((value) => (Number.isFinite(value) ? value : null)));
}

export function decades(plot, least, most) {
  if (least === null) return [-1, 0];
  const [low, high] = [Math.floor(least), Math.max(0, Math.ceil(most))];
  return low === high ? [low - 1, high] : [low, high];
}

/** The ends of a linear axis: a tenth of the spread around the values, but not beyond 0. */
export function around(least, most) {
  if (least === null) return [0, 1];
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (size === 0) return [0, 1];
  if (size < LEAST_AXIS) return [least < 0 ? -LEAST_AXIS : 0, most > 0 ? LEAST_AXIS : 0];
  const spread = most - least;
  const pad = Math.max(spread <= LEAST_SPREAD * size ? size : spread, LEAST_AXIS) / 10;
  return [least >= 0 ? Math.max(0, least - pad) : least - pad, most <= 0 ? Math.min(0, most + pad) : most + pad];
}

/** What is written at places of a linear axis: as many digits as tell them apart. */
export function labels(places) {
  const step = places.length > 1 ? Math.abs(places[1] - places[0]) : 0;
  return places.map((value) => {
    const size = Math.abs(value);
    if (size <= step / 1e6) return '0';
    const digits = step > 0 ? Math.max(1, Math.ceil(Math.log10(size / step) + 1e-9) + 1) : 3;
    if (size < 1e5 && size >= 1e-3) return String(+value.toPrecision(Math.min(15, Math.max(3, digits)))).replace('-', '−');
    const [mantissa, exponent] = value.toExponential(Math.min(6, digits - 1)).split('e');
    return `${+mantissa}e${Number(exponent)}`.replace(/-/g, '−');
  });
}

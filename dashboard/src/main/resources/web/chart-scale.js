// Values as uPlot can draw them, and what is written at their axis.

import { number } from '/assets/format.js';

/** Where nothing but zeros is: what double precision leaves of 1. */
const LEAST_DECADE = -16;

/**
 * Decimal logarithms, drawn on a linear axis: uPlot's own logarithmic axis fails below 1e-16, where a deep network's
 * gain soon is. Zero has no place on it and is drawn a decade below the least positive value.
 */
export function logarithms(columns) {
  const logs = columns.map((column) => column.map((value) => (value === null || value < 0 ? null : Math.log10(value))));
  let least = Infinity;
  for (const column of logs) {
    for (const value of column) {
      if (value !== null && value > -Infinity && value < least) least = value;
    }
  }
  if (least === Infinity) least = LEAST_DECADE;
  return logs.map((column) => column.map((value) => (value === -Infinity ? least - 1 : value)));
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

export function tick(value) {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e5 || size < 1e-3) ? number(value) : String(+value.toPrecision(3)).replace('-', '−');
}

// The rows of a heatmap: their names, what stands out in the last column, and which are drawn as lines elsewhere.

import { shortened } from '/assets/axis.js';
import { style } from '/assets/dom.js';

const LABEL_ROOM = 13;
/** Columns in which the last value of a row is looked for. */
const LAST_COLUMNS = 11;

/**
 * frame: rowHeight, gutter, plot. rows: first, count, y0 (of the first), layers, labels, scale, selected (layers that
 * are lines elsewhere), columns (of values of all rows), chosen (a row, or null).
 */
export function drawRows(context, { rowHeight, gutter, plot }, { first, count, y0, layers, labels, scale, selected, columns, chosen }) {
  const every = Math.max(1, Math.ceil(LABEL_ROOM / rowHeight));
  const [panel, bad, text, muted] = ['--panel', '--bad', '--text', '--muted'].map(style);
  const height = Math.max(2, rowHeight - 1);
  context.font = `11px ${style('--mono')}`;
  context.textBaseline = 'middle';
  for (let i = 0; i < count; i++) {
    const row = first + i;
    const y = y0 + i * rowHeight;
    if (rowHeight >= 8) {
      context.fillStyle = panel;
      context.fillRect(gutter, y + rowHeight - 1, plot, 1);
    }
    const value = lastValue(columns, row);
    const isBad = scale.isBad(value);
    const line = selected.indexOf(layers[row]);
    if (isBad || Number.isNaN(value)) {
      context.fillStyle = isBad ? bad : text;
      context.fillRect(gutter - 7, y, 4, height);
    }
    if (row % every === 0) {
      context.fillStyle = isBad ? bad : line >= 0 || row === chosen ? text : muted;
      context.fillText(shortened(context, labels[row], gutter - 20), 2, y + Math.max(rowHeight, LABEL_ROOM) / 2);
    }
    if (line >= 0) {
      context.fillStyle = style(`--line-${line + 1}`);
      context.fillRect(gutter - 14, y, 4, height);
    }
    if (row === chosen) {
      context.strokeStyle = text;
      context.lineWidth = 2;
      context.strokeRect(gutter + 1, y + 0.5, plot - 2, height);
    }
  }
}

/** The last value of a row, which may be some columns back; null when there is none. */
function lastValue(columns, row) {
  const value = columns.slice(-LAST_COLUMNS).findLast((column) => column[row] !== -Infinity)?.[row];
  return value === undefined ? null : value;
}

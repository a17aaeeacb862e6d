// What is seen of a heatmap, for a file.

import { element, style } from '/assets/dom.js';
import { cell } from '/assets/files.js';
import { number } from '/assets/format.js';

const HEAD = 26;

/** The canvases below each other, `width` and together `height` wide and high, under a title and the scale's colours. */
export function picture(name, scale, canvases, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const copy = element('canvas', { width: String(Math.round(width * ratio)), height: String(Math.round((height + HEAD) * ratio)) });
  const context = copy.getContext('2d');
  context.fillStyle = style('--panel');
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = style('--text');
  context.font = `${13 * ratio}px ${style('--sans')}`;
  const title = `${name}: ${scale.label}`;
  context.fillText(title, 4 * ratio, 16 * ratio);
  colours(context, scale, 24 * ratio + context.measureText(title).width, ratio);
  let y = HEAD * ratio;
  for (const canvas of canvases) {
    context.drawImage(canvas, 0, y);
    y += canvas.height;
  }
  return copy;
}

function colours(context, scale, x, ratio) {
  const { low, high } = scale.axis;
  context.font = `${11 * ratio}px ${style('--sans')}`;
  context.fillText(number(low), x, 15 * ratio);
  const begin = x + context.measureText(number(low)).width + 5 * ratio;
  context.putImageData(scale.bar(Math.round(140 * ratio), Math.round(10 * ratio)), Math.round(begin), Math.round(7 * ratio));
  context.fillText(number(high), begin + 146 * ratio, 15 * ratio);
}

/** The part of a run's grid that a span shows, as lines of text: a row for each layer and column. */
export function csv(name, grid, span) {
  const [from, to] = span.range;
  const places = grid.places(span.mode);
  const lines = ['run,layer,figure,step,time,lowest,highest'];
  for (let column = 0; column < grid.columns; column++) {
    if (places[column] < from || grid.left(column, span.mode) >= to) continue;
    grid.layers.forEach((layer, row) => {
      const [low, high] = [grid.lowest[column][row], grid.highest[column][row]];
      if (high === -Infinity) return;
      const value = (figure) => (Number.isNaN(figure) ? '' : String(figure));
      lines.push([cell(name), cell(layer), grid.figure, grid.steps[column], new Date(grid.times[column]).toISOString(), value(low), value(high)].join(','));
    });
  }
  return `${lines.join('\n')}\n`;
}

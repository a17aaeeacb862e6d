// What a cell of a heatmap, or marks above it, say beside a point of the window.

import { element } from '/assets/dom.js';
import { integer, number } from '/assets/format.js';

const MOST_MARKS = 6;

export class HeatmapTip {
  #box;

  constructor(box) {
    this.#box = box;
  }

  hide() {
    this.#box.hidden = true;
  }

  /** The marks' texts; of none there is nothing to say. */
  marks(marks, x, y) {
    if (!marks.length) {
      this.hide();
      return;
    }
    const lines = marks.slice(0, MOST_MARKS).map((mark) => element('p', {}, mark.text));
    if (marks.length > lines.length) lines.push(element('p', { class: 'muted' }, `and ${marks.length - lines.length} more`));
    this.#show(x, y, ...lines);
  }

  /** A layer's value in a column of a grid, or in none (-1); returns the text. */
  cell(layer, grid, column, label, x, y) {
    const own = grid.rows.get(layer);
    const lines = [];
    const high = column < 0 || own === undefined ? -Infinity : grid.highest[column][own];
    if (high === -Infinity) {
      lines.push(['', 'no verdict at this step']);
    } else {
      const low = grid.lowest[column][own];
      const before = column > 0 ? grid.steps[column - 1] : null;
      const pooled = grid.stride > 1 && before !== null;
      lines.push([pooled ? 'steps' : 'step', pooled ? `${integer(before)} to ${integer(grid.steps[column])}` : integer(grid.steps[column])]);
      lines.push(['time', new Date(grid.times[column]).toLocaleString()]);
      lines.push([label, low === high || Number.isNaN(high) ? number(high) : `${number(low)} to ${number(high)}`]);
    }
    this.#show(x, y, element('strong', {}, layer),
      element('dl', {}, ...lines.flatMap(([term, value]) => [element('dt', {}, term), element('dd', {}, value)])));
    return `${layer}: ${lines.map((line) => line.join(' ')).join(', ')}`;
  }

  #show(x, y, ...children) {
    this.#box.replaceChildren(...children);
    this.#box.hidden = false;
    const box = this.#box.getBoundingClientRect();
    const left = x + 14 + box.width > window.innerWidth ? x - 14 - box.width : x + 14;
    const top = y + 14 + box.height > window.innerHeight ? y - 14 - box.height : y + 14;
    this.#box.style.left = `${Math.max(4, left)}px`;
    this.#box.style.top = `${Math.max(4, top)}px`;
  }
}

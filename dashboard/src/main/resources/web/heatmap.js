// A figure of every operator (rows, in network order) over the steps (columns), on a canvas of its own, one column of
// pixels for each of the screen's. Where several steps share one, the extreme shows: a fall is never averaged away.

import { clock, distinct, shortened, ticks, timeTicks } from '/assets/axis.js';
import { Cells } from '/assets/cells.js';
import { element, sized, style } from '/assets/dom.js';
import { Gestures } from '/assets/gestures.js';
import { cell } from '/assets/files.js';
import { integer, number } from '/assets/format.js';

const TALLEST_ROW = 22;
const SHORTEST_ROW = 3;
const WANTED_HEIGHT = 340;
const TALLEST_VIEW = 640;
const LABEL_ROOM = 13;
const STRIP = 14;
const AXIS = 20;

const SEVERITY = { critical: '--bad', warning: '--warn', info: '--info' };

export class Heatmap {
  #canvas = element('canvas', { class: 'cells', tabindex: '0', role: 'application', 'aria-roledescription': 'heatmap' });
  #strip = element('canvas', { class: 'strip', 'aria-hidden': 'true' });
  #axis = element('canvas', { class: 'axis', 'aria-hidden': 'true' });
  #scroll;
  #spacer = element('div');
  #said = element('p', { class: 'hidden', 'aria-live': 'polite' });
  #tooltip;
  #span;
  #on;
  #shown = null;
  #labels = [];
  #labelled = null;
  #row = null;
  #cursor = null;
  #pointer = null;
  #touched = null;
  #cells = new Cells();
  #gestures;
  #geometry = null;
  #scheduled = false;

  /** `on.open(layer, step)`: a cell was chosen; `on.step(step)`: a step was. */
  constructor(container, tooltip, span, on) {
    this.#tooltip = tooltip;
    this.#span = span;
    this.#on = on;
    this.#spacer.append(this.#canvas);
    this.#scroll = element('div', { class: 'heat-scroll' }, this.#spacer);
    container.append(this.#strip, this.#scroll, this.#axis, this.#said);
    new ResizeObserver(() => this.draw()).observe(container);
    span.listen(() => this.draw());
    this.#scroll.addEventListener('scroll', () => this.draw(), { passive: true });
    this.#gestures = new Gestures([this.#canvas, this.#strip, this.#axis], span, {
      ready: () => this.#geometry !== null,
      x: (event) => this.#at(event).x,
      place: (x) => this.#place(x),
      width: () => this.#geometry.plot,
      tap: (event) => this.#tapped(event),
      hover: (event) => this.#hover(event),
      leave: (event) => this.#leave(event),
      draw: () => this.draw(),
    });
    this.#canvas.addEventListener('keydown', (event) => this.#key(event));
    this.#canvas.addEventListener('blur', () => {
      this.#row = this.#cursor = null;
      this.#tooltip.hidden = true;
      this.draw();
    });
  }

  /**
   * shown: grids (the whole, and what is zoomed into or null), scale, lowest (which extreme), selected (layers
   * that are drawn as lines elsewhere), step (that is chosen, or null), marks [{ step, time, layer, severity, text }], name (of the run).
   */
  render(shown) {
    this.#shown = shown;
    const [grid] = shown.grids;
    if (this.#labelled !== grid.layers) {
      this.#labelled = grid.layers;
      this.#labels = distinct(grid.layers);
      this.#canvas.setAttribute('aria-label', `${shown.scale.label} of ${integer(grid.layers.length)} operators of ${shown.name} over the steps, in network order. `
        + 'Up and down choose a layer, left and right a step, Enter opens the layer, plus and minus zoom, 0 shows all. The same figures are in the table of operators.');
    }
    this.draw();
    if (this.#pointer) this.#hover(this.#pointer);
  }

  draw() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#drawNow();
    });
  }

  /** What is seen as one canvas with the labels, for a file. */
  picture() {
    const ratio = window.devicePixelRatio || 1;
    const { width, viewHeight } = this.#geometry;
    const copy = element('canvas', { width: String(Math.round(width * ratio)), height: String(Math.round((STRIP + viewHeight + AXIS + 26) * ratio)) });
    const context = copy.getContext('2d');
    context.fillStyle = style('--panel');
    context.fillRect(0, 0, copy.width, copy.height);
    context.fillStyle = style('--text');
    context.font = `${13 * ratio}px ${style('--sans')}`;
    const title = `${this.#shown.name}: ${this.#shown.scale.label}`;
    context.fillText(title, 4 * ratio, 16 * ratio);
    this.#pictureScale(context, 24 * ratio + context.measureText(title).width, ratio);
    let y = 26 * ratio;
    for (const canvas of [this.#strip, this.#canvas, this.#axis]) {
      context.drawImage(canvas, 0, y);
      y += canvas.height;
    }
    return copy;
  }

  #pictureScale(context, x, ratio) {
    const { axis } = this.#shown.scale;
    context.font = `${11 * ratio}px ${style('--sans')}`;
    context.fillText(number(axis.low), x, 15 * ratio);
    const begin = x + context.measureText(number(axis.low)).width + 5 * ratio;
    context.putImageData(this.#shown.scale.bar(Math.round(140 * ratio), Math.round(10 * ratio)), Math.round(begin), Math.round(7 * ratio));
    context.fillText(number(axis.high), begin + 146 * ratio, 15 * ratio);
  }

  /** What is seen as lines of text: a row for each layer and column. */
  csv() {
    const grid = this.#finest();
    const [from, to] = this.#span.range;
    const mode = this.#span.mode;
    const places = grid.places(mode);
    const lines = ['run,layer,figure,step,time,lowest,highest'];
    for (let column = 0; column < grid.columns; column++) {
      if (places[column] < from || grid.left(column, mode) >= to) continue;
      grid.layers.forEach((layer, row) => {
        const [low, high] = [grid.lowest[column][row], grid.highest[column][row]];
        if (high === -Infinity) return;
        const value = (figure) => (Number.isNaN(figure) ? '' : String(figure));
        lines.push([cell(this.#shown.name), cell(layer), grid.figure, grid.steps[column], new Date(grid.times[column]).toISOString(), value(low), value(high)].join(','));
      });
    }
    return `${lines.join('\n')}\n`;
  }

  /** The grid with the most columns of what is seen. */
  #finest() {
    const [whole, zoomed] = this.#shown.grids;
    if (!zoomed || !this.#span.zoomed) return whole;
    const [from, to] = this.#span.range;
    const places = zoomed.places(this.#span.mode);
    if (!places.length) return whole;
    const interval = zoomed.interval(this.#span.mode);
    const [low, high] = this.#span.whole;
    const covers = places[0] - interval <= Math.max(from, low) + interval && places.at(-1) >= Math.min(to, high) - interval;
    return covers ? zoomed : whole;
  }

  #measure() {
    const width = this.#scroll.clientWidth;
    const rows = this.#labels.length;
    const rowHeight = Math.max(SHORTEST_ROW, Math.min(TALLEST_ROW, Math.floor(WANTED_HEIGHT / Math.max(rows, 1))));
    const context = this.#canvas.getContext('2d');
    context.font = `11px ${style('--mono')}`;
    if (this.widest?.labels !== this.#labels) {
      this.widest = { labels: this.#labels, width: this.#labels.reduce((most, label) => Math.max(most, context.measureText(label).width), 0) };
    }
    const gutter = Math.min(Math.ceil(this.widest.width) + 24, Math.floor(width * 0.34), 220);
    const [from, to] = this.#span.range;
    const height = rows * rowHeight;
    return { width, rows, rowHeight, gutter, from, to, plot: Math.max(1, width - gutter), height, viewHeight: Math.min(height, TALLEST_VIEW) };
  }

  /** Where a place is drawn, from the left edge of the plot. */
  #x(place) {
    const { from, to, plot } = this.#geometry;
    return ((place - from) / (to - from)) * plot;
  }

  #place(x) {
    const { from, to, plot, gutter } = this.#geometry;
    return from + ((x - gutter) / plot) * (to - from);
  }

  #drawNow() {
    if (!this.#shown || this.#scroll.clientWidth === 0 || !this.#shown.grids[0].columns) return;
    this.#geometry = this.#measure();
    this.#spacer.style.height = `${this.#geometry.height}px`;
    if (this.#scroll.clientWidth !== this.#geometry.width) this.#geometry = this.#measure(); // a scroll bar came
    const { width, viewHeight, rowHeight, gutter, plot, rows } = this.#geometry;
    const ratio = window.devicePixelRatio || 1;
    const top = this.#scroll.scrollTop;
    const first = Math.min(rows - 1, Math.floor(top / rowHeight));
    const shownRows = Math.min(rows - first, Math.ceil(viewHeight / rowHeight) + 1);
    const grid = this.#finest();
    const { scale, lowest } = this.#shown;
    const { from, to } = this.#geometry;
    const cells = this.#cells.paint(grid, grid === this.#shown.grids[0] ? 0 : 1,
      { scale, lowest, mode: this.#span.mode, from, to, pixels: Math.max(1, Math.round(plot * ratio)), first, rows: shownRows });
    const context = sized(this.#canvas, width, viewHeight);
    const y0 = first * rowHeight - top;
    context.imageSmoothingEnabled = false;
    context.drawImage(cells, gutter, y0, plot, shownRows * rowHeight);
    this.#drawRows(context, first, shownRows, y0, grid);
    this.#drawMarks(context, first, shownRows, y0);
    for (const [place, colour] of [[this.#chosenPlace(), '--accent'], [this.#cursor, '--text']]) {
      if (place === null) continue;
      const x = this.#x(place);
      if (x < 0 || x > plot) continue;
      context.fillStyle = style(colour);
      context.fillRect(gutter + x - 0.5, 0, 1.5, viewHeight);
    }
    const selected = this.#gestures.selected;
    if (selected) {
      context.fillStyle = style('--accent');
      context.globalAlpha = 0.25;
      context.fillRect(selected[0], 0, selected[1] - selected[0], viewHeight);
      context.globalAlpha = 1;
    }
    this.#drawAxis();
  }

  #drawRows(context, first, count, y0, grid) {
    const { rowHeight, gutter, plot } = this.#geometry;
    const { scale, selected, lowest } = this.#shown;
    const every = Math.max(1, Math.ceil(LABEL_ROOM / rowHeight));
    const [panel, bad, text, muted] = ['--panel', '--bad', '--text', '--muted'].map(style);
    const last = (lowest ? this.#shown.grids[0].lowest : this.#shown.grids[0].highest).at(-1);
    context.font = `11px ${style('--mono')}`;
    context.textBaseline = 'middle';
    for (let i = 0; i < count; i++) {
      const row = first + i;
      const y = y0 + i * rowHeight;
      if (rowHeight >= 8) {
        context.fillStyle = panel;
        context.fillRect(gutter, y + rowHeight - 1, plot, 1);
      }
      const value = this.#lastValue(row, last);
      const isBad = scale.isBad(value);
      const line = selected.indexOf(grid.layers[row]);
      if (isBad || Number.isNaN(value)) {
        context.fillStyle = isBad ? bad : text;
        context.fillRect(gutter - 7, y, 4, Math.max(2, rowHeight - 1));
      }
      if (row % every === 0) {
        context.fillStyle = isBad ? bad : line >= 0 || row === this.#row ? text : muted;
        context.fillText(shortened(context, this.#labels[row], gutter - 20), 2, y + Math.max(rowHeight, LABEL_ROOM) / 2);
      }
      if (line >= 0) {
        context.fillStyle = style(`--line-${line + 1}`);
        context.fillRect(gutter - 14, y, 4, Math.max(2, rowHeight - 1));
      }
      if (row === this.#row) {
        context.strokeStyle = text;
        context.lineWidth = 2;
        context.strokeRect(gutter + 1, y + 0.5, plot - 2, Math.max(2, rowHeight - 1));
      }
    }
  }

  /** The last value of a row, which may be some columns back. */
  #lastValue(row, last) {
    const { grids: [grid], lowest } = this.#shown;
    const columns = lowest ? grid.lowest : grid.highest;
    let value = last[row];
    for (let back = 2; value === -Infinity && back < 12 && back <= columns.length; back++) value = columns[columns.length - back][row];
    return value === -Infinity ? null : value;
  }

  #chosenPlace() {
    const { step, grids: [grid] } = this.#shown;
    if (step === null || step === undefined) return null;
    if (this.#span.mode === 'step') return step;
    const column = grid.columnAt(step, 'step');
    return column < 0 ? null : grid.times[column];
  }

  /** Where an alarm began: on its row, and on the strip above for all to see. */
  #drawMarks(context, first, count, y0) {
    const { width, gutter, plot, rowHeight } = this.#geometry;
    const strip = sized(this.#strip, width, STRIP);
    strip.font = `11px ${style('--sans')}`;
    strip.textBaseline = 'middle';
    strip.fillStyle = style('--muted');
    strip.fillText('alarms', 2, STRIP / 2);
    const { grids: [grid], marks } = this.#shown;
    for (const mark of marks) {
      const x = this.#x(this.#span.mode === 'time' ? mark.time : mark.step);
      if (x < 0 || x > plot) continue;
      const colour = style(SEVERITY[mark.severity] ?? '--muted');
      // filled, hollow, and a ring: not by colour alone
      strip.fillStyle = strip.strokeStyle = colour;
      strip.lineWidth = 1.5;
      strip.beginPath();
      if (mark.severity === 'info') {
        strip.arc(gutter + x, STRIP / 2, 3, 0, 2 * Math.PI);
      } else {
        strip.moveTo(gutter + x - 5, 2);
        strip.lineTo(gutter + x + 5, 2);
        strip.lineTo(gutter + x, STRIP - 2);
        strip.closePath();
      }
      if (mark.severity === 'critical') strip.fill();
      else strip.stroke();
      const row = grid.rows.get(mark.layer);
      if (row === undefined || row < first || row >= first + count) continue;
      context.strokeStyle = mark.severity === 'critical' ? style('--panel') : colour;
      context.fillStyle = mark.severity === 'critical' ? colour : style('--panel');
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(gutter + x, y0 + (row - first + 0.5) * rowHeight, Math.max(2, Math.min(4, rowHeight / 2)), 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  #drawAxis() {
    const { width, gutter, plot, from, to } = this.#geometry;
    const context = sized(this.#axis, width, AXIS);
    context.font = `11px ${style('--sans')}`;
    context.fillStyle = style('--muted');
    context.textBaseline = 'top';
    const time = this.#span.mode === 'time';
    context.fillText(time ? 'time' : 'step', 2, 6);
    const found = time ? timeTicks(from, to, plot) : ticks(from, to, plot);
    for (const tick of found) {
      const x = gutter + this.#x(tick);
      context.fillRect(Math.min(x, width - 1), 0, 1, 4);
      const label = time ? clock(tick, to - from) : integer(tick);
      const half = context.measureText(label).width / 2;
      context.fillText(label, Math.max(gutter, Math.min(width - 2 * half, x - half)), 6);
    }
  }

  #at(event) {
    const box = this.#canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top + this.#scroll.scrollTop;
    const row = event.target === this.#canvas ? Math.floor(y / this.#geometry.rowHeight) : -1;
    return { x, row: row >= 0 && row < this.#labels.length ? row : null };
  }

  #tapped(event) {
    const { x, row } = this.#at(event);
    const step = this.#stepAt(this.#place(x));
    if (event.pointerType === 'touch' && row !== null && this.#touched !== `${row} ${step}`) {
      this.#touched = `${row} ${step}`; // a finger does not hover: the first tap reads, the second opens
      this.#tell(row, this.#place(x), event.clientX, event.clientY);
      return;
    }
    if (row !== null) this.#on.open(this.#shown.grids[0].layers[row], step);
    else if (step !== null) this.#on.step(step);
  }

  #stepAt(place) {
    const grid = this.#finest();
    const column = grid.columnAt(place, this.#span.mode);
    return column < 0 ? null : grid.steps[column];
  }

  #hover(event) {
    this.#pointer = event;
    if (!this.#geometry) return;
    const { x, row } = this.#at(event);
    if (event.target === this.#strip) this.#tellMarks(x, event);
    else if (row === null) this.#tooltip.hidden = true;
    else this.#tell(row, this.#place(Math.max(this.#geometry.gutter, x)), event.clientX, event.clientY);
  }

  #leave(event) {
    this.#pointer = null;
    if (event?.pointerType === 'touch') return; // what a tap told stays
    this.#tooltip.hidden = true;
  }

  #tellMarks(x, event) {
    const { gutter } = this.#geometry;
    const near = this.#shown.marks.filter((mark) => Math.abs(gutter + this.#x(this.#span.mode === 'time' ? mark.time : mark.step) - x) < 6);
    if (!near.length) {
      this.#tooltip.hidden = true;
      return;
    }
    const lines = near.slice(0, 6).map((mark) => element('p', {}, mark.text));
    if (near.length > lines.length) lines.push(element('p', { class: 'muted' }, `and ${near.length - lines.length} more`));
    this.#tip(event.clientX, event.clientY, ...lines);
  }

  /** Shows the cell at that place beside a point of the window; returns its text. */
  #tell(row, place, x, y) {
    const grid = this.#finest();
    const layer = this.#shown.grids[0].layers[row];
    const column = grid.columnAt(place, this.#span.mode);
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
      lines.push([this.#shown.scale.label, low === high || Number.isNaN(high) ? number(high) : `${number(low)} to ${number(high)}`]);
    }
    this.#tip(x, y, element('strong', {}, layer),
      element('dl', {}, ...lines.flatMap(([term, value]) => [element('dt', {}, term), element('dd', {}, value)])));
    return `${layer}: ${lines.map((line) => line.join(' ')).join(', ')}`;
  }

  #tip(x, y, ...children) {
    this.#tooltip.replaceChildren(...children);
    this.#tooltip.hidden = false;
    const box = this.#tooltip.getBoundingClientRect();
    const left = x + 14 + box.width > window.innerWidth ? x - 14 - box.width : x + 14;
    const top = y + 14 + box.height > window.innerHeight ? y - 14 - box.height : y + 14;
    this.#tooltip.style.left = `${Math.max(4, left)}px`;
    this.#tooltip.style.top = `${Math.max(4, top)}px`;
  }

  #key(event) {
    if (!this.#geometry || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = this.#labels.length - 1;
    const rows = { ArrowDown: this.#row === null ? 0 : this.#row + 1, ArrowUp: (this.#row ?? 1) - 1, Home: 0, End: last, PageDown: (this.#row ?? 0) + 10, PageUp: (this.#row ?? 0) - 10 };
    const sideways = { ArrowLeft: -1, ArrowRight: 1 };
    const grid = this.#finest();
    if (event.key in rows) {
      this.#row = Math.max(0, Math.min(last, rows[event.key]));
    } else if (event.key in sideways) {
      this.#row ??= 0;
      const places = grid.places(this.#span.mode);
      const at = this.#cursor === null ? places.length : grid.columnAt(this.#cursor, this.#span.mode);
      this.#cursor = places[Math.max(0, Math.min(places.length - 1, at + sideways[event.key]))];
      const [from, to] = this.#span.range;
      if (this.#cursor < from || this.#cursor > to) this.#span.pan(sideways[event.key] * 0.5);
    } else if (event.key === 'Enter' && this.#row !== null) {
      this.#on.open(this.#shown.grids[0].layers[this.#row], this.#cursor === null ? null : this.#stepAt(this.#cursor));
    } else if (event.key === '+' || event.key === '=') {
      this.#span.zoom(0.5, this.#cursor);
    } else if (event.key === '-') {
      this.#span.zoom(2, this.#cursor);
    } else if (event.key === '0') {
      this.#span.reset();
    } else {
      return;
    }
    event.preventDefault();
    this.#drawNow();
    this.#tellRow();
  }

  #tellRow() {
    if (this.#row === null) return;
    const { rowHeight, gutter, to, plot } = this.#geometry;
    const y = this.#row * rowHeight;
    if (y < this.#scroll.scrollTop) this.#scroll.scrollTop = y;
    else if (y + rowHeight > this.#scroll.scrollTop + this.#scroll.clientHeight) this.#scroll.scrollTop = y + rowHeight - this.#scroll.clientHeight;
    const box = this.#canvas.getBoundingClientRect();
    const place = this.#cursor ?? to;
    const x = Math.max(0, Math.min(plot, this.#x(place)));
    this.#said.textContent = this.#tell(this.#row, place, box.left + gutter + x, box.top + y - this.#scroll.scrollTop + rowHeight / 2);
  }
}

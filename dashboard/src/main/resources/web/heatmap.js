// A figure of every operator (rows, in network order) over the steps (columns), on a canvas of its own, one column of
// pixels for each of the screen's. Where several steps share one, the extreme shows: a fall is never averaged away.

import { distinct, drawAxis } from '/assets/axis.js';
import { Cells } from '/assets/cells.js';
import { element, sized, style } from '/assets/dom.js';
import { Gestures } from '/assets/gestures.js';
import { integer } from '/assets/format.js';
import { HeatmapCursor } from '/assets/heatmap-cursor.js';
import { csv, picture } from '/assets/heatmap-file.js';
import { drawRows } from '/assets/heatmap-rows.js';
import { HeatmapTip } from '/assets/heatmap-tip.js';
import { markRow, markStrip, nameStrip } from '/assets/marks.js';

const TALLEST_ROW = 22;
const SHORTEST_ROW = 3;
const WANTED_HEIGHT = 340;
const TALLEST_VIEW = 640;
const STRIP = 14;
const AXIS = 20;

export class Heatmap {
  #canvas = element('canvas', { class: 'cells', tabindex: '0', role: 'application', 'aria-roledescription': 'heatmap' });
  #strip = element('canvas', { class: 'strip', 'aria-hidden': 'true' });
  #axis = element('canvas', { class: 'axis', 'aria-hidden': 'true' });
  #scroll;
  #spacer = element('div');
  #said = element('p', { class: 'hidden', 'aria-live': 'polite' });
  #tip;
  #span;
  #on;
  #shown = null;
  #labels = [];
  #labelled = null;
  #cursor;
  #pointer = null;
  #touched = null;
  #cells = new Cells();
  #gestures;
  #geometry = null;
  #scheduled = false;

  /** `on.open(layer, step)`: a cell was chosen; `on.step(step)`: a step was. */
  constructor(container, tooltip, span, on) {
    this.#tip = new HeatmapTip(tooltip);
    this.#span = span;
    this.#cursor = new HeatmapCursor(span);
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
      this.#cursor.leave();
      this.#tip.hide();
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
    const { name, scale } = this.#shown;
    const { width, viewHeight } = this.#geometry;
    return picture(name, scale, [this.#strip, this.#canvas, this.#axis], width, STRIP + viewHeight + AXIS);
  }

  /** What is seen as lines of text: a row for each layer and column. */
  csv() {
    return csv(this.#shown.name, this.#finest(), this.#span);
  }

  /** The grid with the most columns of what is seen. */
  #finest() {
    const [whole, zoomed] = this.#shown.grids;
    return zoomed && this.#span.zoomed && zoomed.covers(this.#span) ? zoomed : whole;
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
    drawRows(context, this.#geometry, {
      first,
      count: shownRows,
      y0,
      layers: grid.layers,
      labels: this.#labels,
      scale,
      selected: this.#shown.selected,
      columns: lowest ? this.#shown.grids[0].lowest : this.#shown.grids[0].highest,
      chosen: this.#cursor.row,
    });
    this.#drawMarks(context, first, shownRows, y0);
    for (const [place, colour] of [[this.#chosenPlace(), '--accent'], [this.#cursor.place, '--text']]) {
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
    drawAxis(sized(this.#axis, width, AXIS), this.#geometry, this.#span.mode);
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
    nameStrip(strip, STRIP);
    const { grids: [grid], marks } = this.#shown;
    for (const mark of marks) {
      const x = this.#markAt(mark);
      if (x < 0 || x > plot) continue;
      markStrip(strip, gutter + x, STRIP, mark.severity);
      const row = grid.rows.get(mark.layer);
      if (row === undefined || row < first || row >= first + count) continue;
      markRow(context, gutter + x, y0 + (row - first + 0.5) * rowHeight, rowHeight, mark.severity);
    }
  }

  #markAt(mark) {
    return this.#x(this.#span.mode === 'time' ? mark.time : mark.step);
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
    else if (row === null) this.#tip.hide();
    else this.#tell(row, this.#place(Math.max(this.#geometry.gutter, x)), event.clientX, event.clientY);
  }

  #leave(event) {
    this.#pointer = null;
    if (event?.pointerType === 'touch') return; // what a tap told stays
    this.#tip.hide();
  }

  #tellMarks(x, event) {
    const { gutter } = this.#geometry;
    const near = this.#shown.marks.filter((mark) => Math.abs(gutter + this.#markAt(mark) - x) < 6);
    this.#tip.marks(near, event.clientX, event.clientY);
  }

  /** Shows the cell at that place beside a point of the window; returns its text. */
  #tell(row, place, x, y) {
    const grid = this.#finest();
    const layer = this.#shown.grids[0].layers[row];
    return this.#tip.cell(layer, grid, grid.columnAt(place, this.#span.mode), this.#shown.scale.label, x, y);
  }

  #key(event) {
    if (!this.#geometry || event.altKey || event.ctrlKey || event.metaKey) return;
    const { row, place } = this.#cursor;
    if (event.key === 'Enter' && row !== null) {
      this.#on.open(this.#shown.grids[0].layers[row], place === null ? null : this.#stepAt(place));
    } else if (!this.#cursor.press(event.key, this.#labels.length - 1, this.#finest())) {
      return;
    }
    event.preventDefault();
    this.#drawNow();
    this.#tellRow();
  }

  #tellRow() {
    const { row } = this.#cursor;
    if (row === null) return;
    const { rowHeight, gutter, to, plot } = this.#geometry;
    const y = row * rowHeight;
    if (y < this.#scroll.scrollTop) this.#scroll.scrollTop = y;
    else if (y + rowHeight > this.#scroll.scrollTop + this.#scroll.clientHeight) this.#scroll.scrollTop = y + rowHeight - this.#scroll.clientHeight;
    const box = this.#canvas.getBoundingClientRect();
    const place = this.#cursor.place ?? to;
    const x = Math.max(0, Math.min(plot, this.#x(place)));
    this.#said.textContent = this.#tell(row, place, box.left + gutter + x, box.top + y - this.#scroll.scrollTop + rowHeight / 2);
  }
}

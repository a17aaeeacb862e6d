// Lines over the steps, the time or the operators of a chain, drawn by uPlot. A chart is built anew when its kind, its
// axis or the colours change, else fed.

import uPlot from '/assets/uplot.js';
import { clock } from '/assets/axis.js';
import { around, decades, drawable, labels, logarithms } from '/assets/chart-scale.js';
import { element, setText, style } from '/assets/dom.js';
import { cell, exports, owner } from '/assets/files.js';
import { integer, number } from '/assets/format.js';
import { severityColour } from '/assets/marks.js';

const HEIGHT = 150;

export class Chart {
  #plot = null;
  #spec;
  #span;
  #on;
  #mode = null;
  #log;
  #zero = null; // where zeros are drawn on a logarithmic scale
  #container = element('div', { class: 'chart' });
  #values = [];
  #at = element('b');
  #x = element('span');
  #legend;
  #lines = [];
  #fed = null;
  #columns = null;
  #release;

  /**
   * spec: title, hint, lines [{ label, colour, dash, width }], bands [[upper line, lower line, colour]], log, from0,
   * format (of a value), x (name of the horizontal axis, if it is not the span's), point (what a point is called, if
   * not a step), sync, height, wide.
   * `on.step(step)` is called when a place is chosen.
   */
  constructor(parent, span, spec, on = {}) {
    this.#spec = spec;
    this.#span = spec.x ? null : span;
    this.#on = on;
    this.#log = Boolean(spec.log);
    this.#legend = element('span', { class: 'chart-legend' });
    this.title = element('span', { class: 'chart-title' }, spec.title);
    this.figure = element('figure', { class: spec.wide ? 'wide' : null },
      element('figcaption', {}, this.title, this.#legend, exports(() => `${owner()}${this.title.textContent}`, () => this.csv(), () => this.picture())),
      ...(spec.hint ? [element('p', { class: 'muted hint' }, spec.hint)] : []), this.#container);
    parent.append(this.figure);
    this.#draw(spec.lines);
    const unlisten = this.#span?.listen(() => this.#scaled());
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this.#container);
    this.#release = () => {
      unlisten?.();
      observer.disconnect();
    };
  }

  #draw(lines) {
    this.#lines = lines;
    this.#values = lines.map(() => element('b'));
    this.#legend.replaceChildren(element('span', {}, this.#x, ' ', this.#at), ...lines.map((line, i) => {
      if (line.label === null) return '';
      const swatch = element('i', { class: line.dash ? 'dashed' : null });
      swatch.style.color = `var(${line.colour})`;
      return element('span', {}, swatch, line.label, ' ', this.#values[i]);
    }));
  }

  /** Changes parts of what the constructor was told, for what is fed next. */
  spec(changes) {
    if (JSON.stringify(changes) === JSON.stringify(this.changes)) return;
    this.changes = changes;
    this.#spec = { ...this.#spec, ...changes };
    this.#mode = null;
  }

  /** Whether values are drawn on a logarithmic scale. */
  set log(log) {
    if (this.#log === log) return;
    this.#log = log;
    this.#mode = null; // built anew when it is fed
  }

  /**
   * fed: steps, times (of the same points; null for a chart with an axis of its own), columns (one a line), names (of
   * the points, if their steps do not say enough), marks [{ step, time, severity }], step (that is chosen), lines (if
   * others than before).
   */
  feed(fed) {
    this.#fed = fed;
    const mode = this.#span?.mode ?? 'own';
    const changed = mode !== this.#mode || (fed.lines && JSON.stringify(fed.lines) !== JSON.stringify(this.#lines));
    this.#mode = mode;
    if (fed.lines && changed) this.#draw(fed.lines);
    const xs = mode === 'time' ? fed.times : fed.steps;
    const { columns, zero } = this.#log ? logarithms(fed.columns) : { columns: fed.columns, zero: null };
    this.#zero = zero;
    this.#columns = [xs, ...drawable(columns)];
    if (changed) {
      this.#plot?.destroy();
      this.#plot = null;
    }
    if (this.#plot) this.#plot.setData(this.#columns);
    else this.#build();
    this.#tell();
  }

  /** The values under the pointer, else at the chosen step, else the last ones. */
  #tell() {
    const { steps, columns, step } = this.#fed;
    let at = this.#plot?.cursor.idx ?? null;
    if (at === null && this.#span && step !== null && step !== undefined) at = steps.findLastIndex((known) => known <= step);
    if (at === null || at < 0) at = steps.length - 1;
    const { names } = this.#fed;
    setText(this.#x, this.#spec.x ?? this.#spec.point ?? 'step');
    setText(this.#at, names ? names[at] : integer(steps[at]));
    columns.forEach((values, i) => setText(this.#values[i], (this.#spec.format ?? number)(values[at])));
  }

  /** Is no longer shown, ever. */
  close() {
    this.#release();
    this.#plot?.destroy();
    this.#plot = this.#columns = null;
    this.figure.remove();
  }

  /** Takes the colours of the style sheet again. */
  recolour() {
    this.#plot?.destroy();
    this.#plot = null;
    if (this.#columns) this.#build();
  }

  csv() {
    const { steps, times, columns } = this.#fed;
    const range = this.#span?.range;
    const xs = this.#columns[0];
    const head = [this.#spec.x ?? 'step', ...(times ? ['time'] : []), ...this.#lines.map((line) => line.name ?? line.label)];
    const rows = steps.map((step, i) => [step, ...(times ? [new Date(times[i]).toISOString()] : []), ...columns.map((column) => column[i] ?? '')])
      .filter((_, i) => !range || (xs[i] >= range[0] && xs[i] <= range[1]));
    return `${[head.map(cell), ...rows].map((row) => row.join(',')).join('\n')}\n`;
  }

  /** The chart with its title, for a file. */
  picture() {
    const canvas = this.#plot.ctx.canvas;
    const ratio = window.devicePixelRatio || 1;
    const copy = element('canvas', { width: String(canvas.width), height: String(canvas.height + 40 * ratio) });
    const context = copy.getContext('2d');
    context.fillStyle = style('--panel');
    context.fillRect(0, 0, copy.width, copy.height);
    context.font = `${13 * ratio}px ${style('--sans')}`;
    context.fillStyle = style('--text');
    context.fillText(`${owner()}${this.title.textContent}`, 6 * ratio, 16 * ratio);
    let x = 6 * ratio;
    context.font = `${11 * ratio}px ${style('--sans')}`;
    for (const line of this.#lines.filter(({ label }) => label !== null)) {
      context.fillStyle = style(line.colour);
      context.fillText(`— ${line.label}`, x, 32 * ratio);
      x += context.measureText(`— ${line.label}`).width + 14 * ratio;
    }
    context.drawImage(canvas, 0, 40 * ratio);
    return copy;
  }

  #scaled() {
    if (!this.#plot || this.#mode !== this.#span.mode) return;
    const [min, max] = this.#span.range;
    this.#plot.setScale('x', { min, max });
  }

  #build() {
    const width = this.#container.clientWidth;
    if (!width) return;
    const { from0, bands, sync, height } = this.#spec;
    const log = this.#log;
    const time = this.#mode === 'time';
    const axis = {
      stroke: style('--muted'),
      font: `11px ${style('--sans')}`,
      grid: { stroke: style('--grid'), width: 1 },
      ticks: { stroke: style('--grid'), width: 1, size: 4 },
    };
    const range = this.#span ? () => this.#span.range : undefined;
    this.#plot = new uPlot({
      width,
      height: height ?? HEIGHT,
      ms: 1,
      padding: [6, 20, 0, 0],
      scales: {
        x: { time, range },
        y: log ? { range: decades } : from0 ? { range: (_, least, most) => [0, Math.max(this.#spec.least ?? 1, most ?? 0) * 1.08] }
          : { range: (_, least, most) => around(least, most) },
      },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 3,
          space: time ? 90 : 60,
          values: (plot, splits) => splits.map((value) => (time ? clock(value, plot.scales.x.max - plot.scales.x.min) : Number.isInteger(value) ? integer(value) : '')),
        },
        {
          ...axis,
          size: 58,
          gap: 4,
          space: 24,
          ...(log ? { incrs: [1, 2, 5, 10, 20, 50, 100] } : {}),
          values: (_, splits) => (log
            ? splits.map((value) => (this.#zero !== null && value <= this.#zero ? '0' : number(10 ** value)))
            : labels(splits)),
        },
      ],
      cursor: {
        sync: sync ? { key: sync } : undefined,
        points: { size: 6 },
        drag: { x: Boolean(this.#span), y: false, setScale: false, dist: 5 },
        bind: { dblclick: () => () => { this.#span?.reset(); return null; } },
      },
      legend: { show: false },
      hooks: {
        setCursor: [() => this.#tell()],
        setSelect: [(plot) => this.#selected(plot)],
        draw: [(plot) => this.#drawMarks(plot)],
        ready: [(plot) => plot.over.addEventListener('click', () => this.#clicked(plot))],
      },
      bands: (bands ?? []).map(([upper, lower, colour]) => ({ series: [upper + 1, lower + 1], fill: `color-mix(in srgb, ${style(colour)} 22%, transparent)` })),
      series: [
        {},
        ...this.#lines.map((line) => ({
          stroke: line.width === 0 ? undefined : style(line.colour),
          width: line.width ?? 1.75,
          dash: line.dash,
          spanGaps: Boolean(line.gaps),
          points: { show: (plot) => plot.data[0].length < 2, size: 5 },
        })),
      ],
    }, this.#columns, this.#container);
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 5 || !this.#span) return;
    const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.draggedAt = performance.now();
    this.#span.show(from, to);
  }

  #clicked(plot) {
    if (!this.#on.step || plot.cursor.idx === null || plot.cursor.idx === undefined) return;
    if (performance.now() - (this.draggedAt ?? -1000) < 100) return; // the end of a drag
    this.#on.step(this.#fed.steps[plot.cursor.idx]);
  }

  #drawMarks(plot) {
    if (!this.#span || !this.#fed) return;
    const { marks, step, steps, times } = this.#fed;
    const time = this.#mode === 'time';
    const { ctx, bbox: { left, top, width, height } } = plot;
    const line = (place, colour, wide) => {
      if (place === null || place === undefined) return;
      const x = plot.valToPos(place, 'x', true);
      if (x < left || x > left + width) return;
      ctx.fillStyle = colour;
      ctx.fillRect(Math.round(x - wide / 2), top, wide, height);
    };
    ctx.save();
    ctx.globalAlpha = 0.45;
    const drawn = new Set();
    for (const mark of marks ?? []) {
      const key = `${mark.step} ${mark.severity}`;
      if (drawn.has(key)) continue;
      drawn.add(key);
      line(time ? mark.time : mark.step, severityColour(mark.severity), 1);
    }
    ctx.globalAlpha = 1;
    if (step !== null && step !== undefined) {
      const at = steps.findLastIndex((known) => known <= step);
      line(time ? times[at] : step, style('--accent'), 2);
    }
    ctx.restore();
  }

  #resize() {
    const width = this.#container.clientWidth;
    if (!this.#plot) {
      if (this.#columns) this.#build();
    } else if (width && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: this.#spec.height ?? HEIGHT });
    }
  }
}

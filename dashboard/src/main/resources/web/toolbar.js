// What is shown of a run, and how: the figure, which extreme of pooled steps, the axis, the scale, the part zoomed into.

import { element, setText } from '/assets/dom.js';
import { integer } from '/assets/format.js';
import { clock } from '/assets/axis.js';
import { SCALES, scaleOf } from '/assets/scales.js';

/** Of steps that share a pixel the worse value shows, unless the other was asked for. */
export function lowestShown(route, scale) {
  return route.extreme === undefined ? scale.worse === 'low' : route.extreme === 'lowest';
}

export class Toolbar {
  #span;
  #refine;
  #figure;
  #extreme;
  #axis;
  #log;
  #part = element('span', { class: 'muted part' });
  #all;
  #route = {};
  #grid;

  /**
   * `refine(changes)` is called with what the address bar shall say; without `figure` all figures are seen anyway.
   * `grid()` has the times of the steps, or is null.
   */
  constructor(container, span, refine, { figure = true, grid = () => null } = {}) {
    this.#grid = grid;
    this.#span = span;
    this.#refine = refine;
    const select = (label, options, changed) => {
      const node = element('select', { onchange: (event) => changed(event.target.value) }, ...options.map(([value, text]) => element('option', { value }, text)));
      container.append(element('label', {}, label, ' ', node));
      return node;
    };
    this.#figure = select('Figure', SCALES.map(({ key, label }) => [key, label]), (value) => refine({ figure: value === SCALES[0].key ? undefined : value, extreme: undefined }));
    this.#extreme = select('Of pooled steps', [['lowest', 'the lowest'], ['highest', 'the highest']], (value) => refine({ extreme: value }));
    for (const node of [this.#figure, this.#extreme]) node.parentElement.hidden = !figure;
    this.#axis = select('Axis', [['step', 'step'], ['time', 'time']], (value) => this.#setAxis(value));
    this.#log = element('input', { type: 'checkbox', onchange: () => this.#setLog(this.#log.checked) });
    container.append(element('label', {}, this.#log, ' log scale'));
    const button = (text, label, work) => element('button', { type: 'button', class: 'small', 'aria-label': label, title: label, onclick: work }, text);
    this.#all = button('All', 'All: show the whole run (0)', () => span.reset());
    container.append(element('span', { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
      button('−', 'Zoom out (−)', () => span.zoom(2)), button('+', 'Zoom in (+)', () => span.zoom(0.5)),
      button('◂', 'Earlier ([)', () => span.pan(-0.5)), button('▸', 'Later (])', () => span.pan(0.5)), this.#all), this.#part);
  }

  /** Whether the key meant something here. */
  key(key) {
    const work = {
      '+': () => this.#span.zoom(0.5),
      '=': () => this.#span.zoom(0.5),
      '-': () => this.#span.zoom(2),
      0: () => this.#span.reset(),
      '[': () => this.#span.pan(-0.5),
      ']': () => this.#span.pan(0.5),
      l: () => this.#setLog(this.#route.scale !== 'log'),
      t: () => this.#setAxis(this.#route.axis === 'time' ? 'step' : 'time'),
    }[key];
    work?.();
    return work !== undefined;
  }

  #setAxis(axis) {
    const grid = this.#grid();
    const before = this.#span.mode;
    let [from, to] = [undefined, undefined];
    if (axis !== before && this.#span.zoomed && grid?.columns) {
      [from, to] = this.#span.range.map((place) => Math.round(grid.places(axis)[Math.max(0, grid.columnAt(place, before))]));
    }
    this.#refine({ axis: axis === 'step' ? undefined : axis, from, to });
  }

  #setLog(log) {
    this.#refine({ scale: log ? 'log' : undefined });
  }

  draw(route) {
    this.#route = route;
    const scale = scaleOf(route.figure);
    this.#figure.value = scale.key;
    this.#extreme.value = lowestShown(route, scale) ? 'lowest' : 'highest';
    this.#axis.value = route.axis === 'time' ? 'time' : 'step';
    this.#log.checked = route.scale === 'log';
    this.#all.disabled = !this.#span.zoomed;
    const [from, to] = this.#span.range;
    const time = this.#span.mode === 'time';
    setText(this.#part, !this.#span.zoomed ? '' : time ? `${clock(from, to - from)} to ${clock(to, to - from)}` : `steps ${integer(Math.round(from))} to ${integer(Math.round(to))}`);
  }
}

// A small operator itself, with its row and column sums and its singular values.

import { element, setText, sized, style } from '/assets/dom.js';
import { integer, number } from '/assets/format.js';
import { exports } from '/assets/files.js';
import { matrixColour } from '/assets/scales.js';

const WIDEST = 380;
const SUMS = 16;

export class MatrixPicture {
  #canvas = element('canvas', { role: 'img', tabindex: '0' });
  #bars = element('canvas', { role: 'img' });
  #about = element('p', { class: 'muted' });
  #none = element('p', { class: 'muted' });
  #body;
  #index = element('input', { type: 'number', min: '0' });
  #choice;
  #tooltip;
  #json = null;
  #exports;
  #cell = 0;

  /** `choose(index)` asks for another operator of a batch. */
  constructor(container, tooltip, choose) {
    this.#tooltip = tooltip;
    this.#choice = element('label', {}, 'Operator of the batch ', this.#index);
    this.#index.addEventListener('change', () => {
      const index = Number(this.#index.value);
      if (Number.isInteger(index) && index >= 0) choose(index);
    });
    this.#body = element('div', { class: 'matrix-body' },
      element('div', { class: 'matrix-canvas' }, this.#canvas), element('div', {}, element('h3', {}, 'Singular values'), this.#bars));
    container.append(this.#choice, this.#about, this.#none, this.#body,
      this.#exports = exports(() => `${this.#json?.layer ?? 'matrix'} step ${this.#json?.step ?? ''}`, () => this.csv(), () => this.#canvas));
    this.#canvas.addEventListener('pointermove', (event) => this.#hover(event));
    this.#canvas.addEventListener('pointerleave', () => { this.#tooltip.hidden = true; });
    new ResizeObserver(() => this.draw()).observe(container);
  }

  render(json) {
    this.#json = json;
    this.#body.hidden = this.#exports.hidden = false;
    this.#none.hidden = true;
    this.#choice.hidden = json.batch <= 1;
    this.#index.max = String(json.batch - 1);
    if (document.activeElement !== this.#index) this.#index.value = String(json.index);
    const worst = (sums) => Math.max(...sums.map((sum) => Math.abs(sum - 1)));
    const said = `Row sums differ from 1 by at most ${number(worst(json.rowSums))}, column sums by at most ${number(worst(json.columnSums))}.`;
    setText(this.#about, `Step ${integer(json.step)}. ${said}`);
    this.#canvas.setAttribute('aria-label', `The matrix, ${json.n} by ${json.n}, with its sums. ${said}`);
    this.#bars.setAttribute('aria-label', `Singular values: ${json.singularValues.map(number).join(', ')}`);
    this.draw();
  }

  none(line) {
    this.#json = null;
    this.#body.hidden = this.#exports.hidden = true;
    this.#none.hidden = false;
    setText(this.#about, '');
    setText(this.#none, line);
  }

  csv() {
    return `${(this.#json?.rows ?? []).map((row) => row.map((value) => value ?? '').join(',')).join('\n')}\n`;
  }

  draw() {
    if (!this.#json) return;
    const { n, rows, rowSums, columnSums, singularValues } = this.#json;
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const room = Math.min(WIDEST, this.#body.clientWidth - 8) - SUMS - 6;
    this.#cell = Math.max(3, Math.floor(room / n));
    const side = this.#cell * n;
    const context = sized(this.#canvas, side + SUMS + 6, side + SUMS + 6);
    const gap = this.#cell >= 6 ? 1 : 0;
    rows.forEach((row, i) => row.forEach((value, j) => {
      context.fillStyle = matrixColour(value, 1, dark);
      context.fillRect(j * this.#cell, i * this.#cell, this.#cell - gap, this.#cell - gap);
    }));
    if (this.#cell >= 34) this.#write(context, rows, dark);
    const sum = (value, x, y, w, h) => {
      context.fillStyle = Math.abs(value - 1) > 1e-2 ? style('--bad') : matrixColour(value, 1, dark);
      context.fillRect(x, y, w, h);
    };
    rowSums.forEach((value, i) => sum(value, side + 6, i * this.#cell, SUMS, this.#cell - gap));
    columnSums.forEach((value, j) => sum(value, j * this.#cell, side + 6, this.#cell - gap, SUMS));
    this.#drawBars(singularValues);
  }

  #write(context, rows, dark) {
    context.font = `12px ${style('--mono')}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    rows.forEach((row, i) => row.forEach((value, j) => {
      context.fillStyle = (value > 0.5) !== dark ? '#ffffff' : '#17202b';
      if (dark && value <= 0.5) context.fillStyle = '#e4e9ee';
      if (dark && value > 0.5) context.fillStyle = '#0e1217';
      context.fillText(value === null ? '—' : value.toFixed(3), (j + 0.5) * this.#cell, (i + 0.5) * this.#cell);
    }));
  }

  #drawBars(values) {
    const width = Math.max(160, Math.min(WIDEST, this.#body.clientWidth - 8));
    const height = 130;
    const context = sized(this.#bars, width, height);
    const most = Math.max(1, ...values);
    const each = Math.min(48, (width - 40) / values.length);
    context.font = `11px ${style('--sans')}`;
    context.fillStyle = style('--muted');
    context.textAlign = 'start';
    context.textBaseline = 'middle';
    for (const tick of [0, 1]) {
      const y = height - 20 - (tick / most) * (height - 34);
      context.fillText(String(tick), 2, y);
      context.fillStyle = style('--grid');
      context.fillRect(16, y, width - 16, 1);
      context.fillStyle = style('--muted');
    }
    context.textAlign = 'center';
    values.forEach((value, i) => {
      const bar = (value / most) * (height - 34);
      context.fillStyle = i === 1 && value < 0.1 ? style('--bad') : style(i === 0 ? '--muted' : '--line-1');
      context.fillRect(20 + i * each, height - 20 - bar, Math.max(1, each - 3), Math.max(1, bar));
      if (each >= 34) {
        context.fillStyle = style('--text');
        context.fillText(number(value), 20 + (i + 0.5) * each - 1.5, height - 20 - bar - 8);
      }
      if (each >= 14) {
        context.fillStyle = style('--muted');
        context.fillText(String(i + 1), 20 + (i + 0.5) * each - 1.5, height - 8);
      }
    });
  }

  #hover(event) {
    const box = this.#canvas.getBoundingClientRect();
    const [i, j] = [event.clientY - box.top, event.clientX - box.left].map((at) => Math.floor(at / this.#cell));
    const { n, rows, rowSums, columnSums } = this.#json;
    const line = i < n && j < n ? `row ${i}, column ${j}: ${number(rows[i][j])}`
      : i < n ? `sum of row ${i}: ${exact(rowSums[i])}` : j < n ? `sum of column ${j}: ${exact(columnSums[j])}` : null;
    this.#tooltip.hidden = line === null;
    if (line === null) return;
    this.#tooltip.replaceChildren(element('p', {}, line));
    this.#tooltip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - 220)}px`;
    this.#tooltip.style.top = `${event.clientY + 14}px`;
  }
}

/** A sum close to 1 is told by how far it is from it. */
function exact(sum) {
  if (sum === null) return '—';
  const off = sum - 1;
  return Math.abs(off) > 0.01 ? number(sum) : `1 ${off < 0 ? '−' : '+'} ${number(Math.abs(off))}`;
}

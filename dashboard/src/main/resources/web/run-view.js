// One run: is it alive, and if not, in which layer and since when.

import { Alarms } from '/assets/alarms.js';
import { byId, element, setText } from '/assets/dom.js';
import { exports } from '/assets/files.js';
import { denseTable, operatorTable, tiles } from '/assets/figures.js';
import { plural } from '/assets/format.js';
import { Heatmap } from '/assets/heatmap.js';
import { format, kept } from '/assets/route.js';
import { RunFeed } from '/assets/run-feed.js';
import { RunLines } from '/assets/run-lines.js';
import { RunNetwork } from '/assets/run-network.js';
import { TRAP, scaleOf } from '/assets/scales.js';
import { Span } from '/assets/span.js';
import { Toolbar, lowestShown } from '/assets/toolbar.js';

/** Figures that come with bounds. */
const BOUNDED = ['sigma2', 'detailGain'];

/** What is drawn of a layer: the figure and what is certain of it. */
function trackFigures(figure) {
  return [figure, ...(BOUNDED.includes(figure) ? [`${figure}Lower`, `${figure}Upper`] : [])];
}

export class RunView {
  #shell;
  #feed = null;
  #span = new Span();
  #heatmap;
  #alarms;
  #toolbar;
  #lines;
  #network;
  #operators;
  #dense;
  #filter = '';

  constructor(shell) {
    this.#shell = shell;
    const open = (layer, step) => shell.go({ ...kept(shell.route), layer, step: step ?? shell.route.step });
    const href = (layer) => format({ ...kept(shell.route), layer });
    const step = (chosen) => this.#refine({ step: chosen });
    this.#toolbar = new Toolbar(byId('toolbar'), this.#span, (changes) => this.#refine(changes), { grid: () => this.#feed?.grid ?? null });
    this.#heatmap = new Heatmap(byId('heatmap'), shell.tooltip, this.#span, { open, step });
    byId('heatmap-head').append(exports(() => `${this.#feed.name}-${this.#feed.figure}`, () => this.#heatmap.csv(), () => this.#heatmap.picture()));
    this.#alarms = new Alarms(byId('alarms'), { runs: false, silence: (alarms) => shell.silencing.ask(alarms) });
    this.#lines = new RunLines(shell, this.#span, { step });
    this.#network = new RunNetwork(shell, this.#span, { step, chain: (chosen) => this.#refine({ chain: chosen }) });
    const pins = { has: (layer) => this.#lines.shown.includes(layer), change: (layer, on) => this.#refine({ pin: this.#lines.pinned(layer, on) }) };
    this.#operators = operatorTable(byId('operators'), href, (layer) => open(layer), pins);
    this.#dense = denseTable(byId('dense'), href, (layer) => open(layer));
    byId('filter').addEventListener('input', (event) => {
      this.#filter = event.target.value.trim().toLowerCase();
      shell.drawNow();
    });
    byId('compare-with').addEventListener('change', (event) => {
      const other = event.target.value;
      event.target.value = '';
      if (other) shell.go({ ...kept(shell.route), step: undefined, pin: [], other });
    });
    this.#span.listen((moved) => this.#moved(moved));
  }

  follows() {
    return { runs: [this.#shell.route.run], only: [] };
  }

  title() {
    const firing = this.#feed?.run?.standing()
      .filter(({ state, severity, silencedUntil }) => state === 'firing' && severity !== 'info' && !silencedUntil).length;
    return `${firing ? `(${firing}) ` : ''}${this.#shell.route.run} – `;
  }

  open(route) {
    const { scale, figure } = this.#figure(route);
    this.#span.mode = route.axis === 'time' ? 'time' : 'step';
    this.#span.begin(route.from, route.to);
    if (this.#feed?.name !== route.run || this.#feed.closed) {
      this.#feed?.close();
      this.#lines.reset();
      this.#network.reset();
      this.#feed = new RunFeed(route.run, figure, () => this.#shell.draw());
      this.#feed.trackFigures = trackFigures(figure);
      this.#read();
    } else {
      this.#feed.choose(figure, trackFigures(figure)).catch(this.#shell.failed);
    }
  }

  leave() {
    this.#feed?.close();
    this.#feed = null;
  }

  reset() {
    this.#read();
  }

  #read() {
    this.#feed.read().catch(this.#shell.failed);
  }

  heard(type, data) {
    if (type === 'silence') this.#read();
    else this.#feed.take(type, data);
  }

  recolour() {
    this.#lines.recolour();
    this.#network.recolour();
    this.#heatmap.draw();
  }

  key(key) {
    return this.#toolbar.key(key);
  }

  /** What the address bar says of the figure that is shown. */
  #figure(route) {
    const scale = scaleOf(route.figure);
    return { scale, figure: scale.key };
  }

  #refine(changes) {
    this.#shell.refine(changes);
    this.open(this.#shell.route);
    this.#shell.drawNow();
  }

  /** What is zoomed into is read again, finer, once the hand rests. */
  #moved(moved) {
    if (!moved) return;
    this.#shell.refine(this.#span.said);
    this.#toolbar.draw(this.#shell.route);
    this.#feed?.see(this.#span);
  }

  draw() {
    const { run, unknown } = this.#feed;
    byId('run-unknown').hidden = !unknown;
    byId('run').hidden = run === null;
    if (unknown) setText(byId('run-unknown-name'), this.#feed.name);
    if (!run) return;
    this.#drawHead(run);
    const chain = this.#network.chain(run);
    byId('tiles').replaceChildren(...tiles(run, chain));
    const operators = run.operators();
    const low = operators.some(({ sigma2 }) => sigma2 !== null && sigma2 < TRAP);
    this.#alarms.render(run.standing(), run.changes, operators.length
      ? low ? 'No alarm is pending or firing yet, but σ₂ is low: alarms are judged after a warm-up of five snapshots, on three verdicts in a row.' : 'No alarm is pending or firing.'
      : 'No alarm can be judged without an operator, except that the run falls silent.', this.#shell.now());
    for (const id of ['heatmap-panel', 'lines-panel', 'operators-panel']) byId(id).hidden = operators.length === 0;
    if (operators.length) this.#drawOperators(run, operators);
    byId('chain-panel').hidden = operators.length === 0;
    for (const id of ['charts', 'chain-hint']) byId(id).hidden = chain === null;
    byId('chain-none').hidden = chain !== null;
    if (chain) this.#network.draw(run, chain, this.#feed.chainTracks.get(chain.chain));
    const dense = run.dense();
    byId('dense-panel').hidden = dense.length === 0;
    this.#dense.render(dense);
  }

  #drawHead(run) {
    setText(byId('run-name'), run.name);
    const operators = run.operators();
    const distinct = (key) => [...new Set(operators.map((verdict) => verdict[key]))].join(', ');
    setText(byId('run-about'), [
      plural(operators.length, 'operator', 'operators') + (operators.length ? ` (${distinct('profile')}, ${distinct('observability')})` : ''),
      plural(run.dense().length, 'dense layer', 'dense layers'),
      run.truncated ? 'more layers than are kept' : '',
    ].filter(Boolean).join(' · '));
    byId('unobservable').hidden = operators.length > 0;
    const others = (this.#shell.runs ?? []).map((summary) => summary.run).filter((name) => name !== run.name);
    const select = byId('compare-with');
    select.hidden = others.length === 0;
    if (select.dataset.shown !== JSON.stringify(others)) {
      select.dataset.shown = JSON.stringify(others);
      select.replaceChildren(element('option', { value: '' }, 'Compare with…'), ...others.map((name) => element('option', { value: name }, name)));
    }
  }

  #drawOperators(run, operators) {
    const { route } = this.#shell;
    const { scale } = this.#figure(route);
    const { grid, zoomed } = this.#feed;
    const marks = run.marks();
    this.#lines.choose(run);
    if (grid?.columns) {
      const { mode } = this.#span;
      const places = grid.places(mode);
      this.#span.extend(grid.left(0, mode), places.at(-1), grid.interval(mode));
      this.#feed.see(this.#span);
      const drawn = grid.figure === scale.key ? scale : scaleOf(grid.figure);
      this.#heatmap.render({ grids: [grid, zoomed], scale: drawn, lowest: lowestShown(route, drawn), selected: this.#lines.shown, step: route.step ?? null, marks, name: run.name });
      if (byId('legend').dataset.figure !== drawn.key) {
        byId('legend').dataset.figure = drawn.key;
        byId('legend').replaceChildren(drawn.legend());
      }
    }
    setText(byId('heatmap-title'), `${scale.label} of each operator`);
    this.#toolbar.draw(route);
    this.#lines.draw(this.#feed, scale, marks);
    const wanted = this.#filter;
    this.#operators.render(wanted ? operators.filter((verdict) => verdict.layer.toLowerCase().includes(wanted)) : operators);
  }
}

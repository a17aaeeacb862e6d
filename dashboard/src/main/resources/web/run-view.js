// One run: is it alive, and if not, in which layer and since when.

import { getJson, runPath } from '/assets/api.js';
import { Alarms } from '/assets/alarms.js';
import { Chart } from '/assets/charts.js';
import { byId, element, setText } from '/assets/dom.js';
import { exports } from '/assets/files.js';
import { denseTable, operatorTable, tiles } from '/assets/figures.js';
import { integer, plural } from '/assets/format.js';
import { Heatmap } from '/assets/heatmap.js';
import { format, kept } from '/assets/route.js';
import { RunFeed } from '/assets/run-feed.js';
import { TRAP, scaleOf } from '/assets/scales.js';
import { Span } from '/assets/span.js';
import { shallowest } from '/assets/standing.js';
import { Toolbar, lowestShown } from '/assets/toolbar.js';

const MOST_LINES = 6;
const LOWEST_LINES = 3;
/** Which layers are lowest is looked at again no sooner, so that lines do not jump. */
const LOWEST_MILLIS = 15_000;
const TRY_AGAIN_MILLIS = 5000;
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
  #gain;
  #depth;
  #snr;
  #along;
  #operators;
  #dense;
  #filter = '';
  #waterfall = null;
  #waterfallOf = null;
  #shownPins = [];
  #lowest = { at: -Infinity, layers: [] };

  constructor(shell) {
    this.#shell = shell;
    const open = (layer, step) => shell.go({ ...kept(shell.route), layer, step: step ?? shell.route.step });
    const href = (layer) => format({ ...kept(shell.route), layer });
    const step = (chosen) => this.#refine({ step: chosen });
    this.#toolbar = new Toolbar(byId('toolbar'), this.#span, (changes) => this.#refine(changes), { grid: () => this.#feed?.grid ?? null });
    this.#heatmap = new Heatmap(byId('heatmap'), shell.tooltip, this.#span, { open, step });
    byId('heatmap-head').append(exports(() => `${this.#feed.name}-${this.#feed.figure}`, () => this.#heatmap.csv(), () => this.#heatmap.picture()));
    this.#alarms = new Alarms(byId('alarms'), { runs: false, silence: (alarms) => shell.silencing.ask(alarms) });
    this.#lines = new Chart(byId('lines'), this.#span, { title: '', sync: 'steps', from0: true, height: 190, lines: [] }, { step });
    const charts = byId('charts');
    const chart = (spec) => new Chart(charts, this.#span, spec, { step });
    const both = [{ label: 'bound', colour: '--line-1' }, { label: 'composite', colour: '--line-2', dash: [6, 4] }];
    this.#depth = chart({ title: 'Network effective depth, in operators', sync: 'steps', from0: true, format: integer, lines: both });
    this.#gain = chart({ title: 'Detail left behind the last operator', sync: 'steps', log: true, lines: both });
    this.#snr = chart({ title: 'Signal-to-noise ceiling behind the last operator', sync: 'steps', log: true,
      lines: [{ label: 'ceiling', colour: '--line-1' }, { label: 'critical', colour: '--bad', dash: [5, 4], width: 1.25 }] });
    this.#along = chart({ title: '', x: 'operator', log: true, wide: true,
      lines: [...both, { label: 'critical', colour: '--bad', dash: [5, 4], width: 1.25 }] });
    const pins = { has: (layer) => this.#shownPins.includes(layer), change: (layer, on) => this.#pin(layer, on) };
    this.#operators = operatorTable(byId('operators'), href, (layer) => open(layer), pins);
    this.#dense = denseTable(byId('dense'), href, (layer) => open(layer));
    byId('filter').addEventListener('input', (event) => {
      this.#filter = event.target.value.trim().toLowerCase();
      shell.drawNow();
    });
    byId('step-latest').addEventListener('click', () => this.#refine({ step: undefined }));
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
      this.#waterfall = this.#waterfallOf = null;
      this.#lowest = { at: -Infinity, layers: [] };
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
    for (const chart of [this.#lines, this.#gain, this.#depth, this.#snr, this.#along]) chart.recolour();
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

  #chain() {
    const { chains } = this.#feed.run;
    return chains.get(this.#shell.route.chain) ?? shallowest([...chains.values()]);
  }

  /** Detail along the network at the chosen step; of the last one it is known already. */
  async #readWaterfall(chain) {
    const { run, step } = this.#shell.route;
    if (step === undefined) {
      this.#waterfall = this.#waterfallOf = null;
      return;
    }
    const wanted = JSON.stringify([run, step, chain]);
    if (this.#waterfallOf === wanted) return;
    this.#waterfallOf = wanted;
    try {
      const json = await getJson(runPath(run, '/waterfall', { chain, step }));
      if (this.#waterfallOf !== wanted) return;
      this.#waterfall = json;
      this.#shell.draw();
    } catch (error) {
      setTimeout(() => { this.#waterfallOf = null; }, TRY_AGAIN_MILLIS);
      this.#shell.failed(error);
    }
  }

  /** Layers drawn as lines: the chosen ones, else those with the lowest sigma2. */
  #pins() {
    const { pin } = this.#shell.route;
    const known = pin.filter((layer) => this.#feed.run.verdicts.has(layer));
    if (known.length) return known.slice(0, MOST_LINES);
    const now = performance.now();
    const stands = this.#lowest.layers.length && this.#lowest.layers.every((layer) => this.#feed.run.verdicts.has(layer));
    if (!stands || now - this.#lowest.at > LOWEST_MILLIS) this.#lowest = { at: now, layers: this.#lowestLayers() };
    return this.#lowest.layers;
  }

  #lowestLayers() {
    return [...this.#feed.run.operators()].filter(({ sigma2 }) => Number.isFinite(sigma2))
      .sort((a, b) => a.sigma2 - b.sigma2).slice(0, LOWEST_LINES).map(({ layer }) => layer).sort();
  }

  #pin(layer, on) {
    const others = this.#shownPins.filter((name) => name !== layer);
    this.#refine({ pin: on ? [...others, layer].slice(-MOST_LINES) : others });
  }

  draw() {
    const { run, unknown } = this.#feed;
    byId('run-unknown').hidden = !unknown;
    byId('run').hidden = run === null;
    if (unknown) setText(byId('run-unknown-name'), this.#feed.name);
    if (!run) return;
    this.#drawHead(run);
    const chain = this.#chain();
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
    if (chain) this.#drawChain(run, chain);
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
    this.#shownPins = this.#pins();
    if (grid?.columns) {
      const { mode } = this.#span;
      const places = grid.places(mode);
      this.#span.extend(grid.left(0, mode), places.at(-1), grid.interval(mode));
      this.#feed.see(this.#span);
      const drawn = grid.figure === scale.key ? scale : scaleOf(grid.figure);
      this.#heatmap.render({ grids: [grid, zoomed], scale: drawn, lowest: lowestShown(route, drawn), selected: this.#shownPins, step: route.step ?? null, marks, name: run.name });
      if (byId('legend').dataset.figure !== drawn.key) {
        byId('legend').dataset.figure = drawn.key;
        byId('legend').replaceChildren(drawn.legend());
      }
    }
    setText(byId('heatmap-title'), `${scale.label} of each operator`);
    this.#toolbar.draw(route);
    this.#drawLines(scale, marks);
    const wanted = this.#filter;
    this.#operators.render(wanted ? operators.filter((verdict) => verdict.layer.toLowerCase().includes(wanted)) : operators);
  }

  /** The chosen layers' figure with what is certain of it, or the range that pooled points cover. */
  #drawLines(scale, marks) {
    const pins = this.#shownPins;
    this.#feed.layers(pins).catch(this.#shell.failed);
    const tracks = pins.map((layer) => [layer, this.#feed.layerTracks.get(layer)]).filter(([, track]) => track);
    this.#lines.figure.hidden = !tracks.length;
    if (!tracks.length) return;
    const { key } = scale;
    const steps = [...new Set(tracks.flatMap(([, track]) => track.steps))].sort((a, b) => a - b);
    const times = new Map(tracks.flatMap(([, track]) => track.steps.map((step, i) => [step, track.times[i]])));
    const columns = [];
    const lines = [];
    tracks.forEach(([layer, track]) => {
      const i = pins.indexOf(layer);
      const at = new Map(track.steps.map((step, index) => [step, index]));
      const spread = (values) => steps.map((step) => (at.has(step) && values ? values[at.get(step)] ?? null : null));
      const colour = `--line-${i + 1}`;
      const certain = track.last[`${key}Upper`] !== undefined;
      columns.push(spread(track.last[key]), spread(certain ? track.last[`${key}Upper`] : track.max[key]), spread(certain ? track.last[`${key}Lower`] : track.min[key]));
      const [high, low] = certain ? ['upper bound', 'lower bound'] : ['highest', 'lowest'];
      lines.push({ label: layer, colour, gaps: true }, { label: null, name: `${layer} ${high}`, colour, width: 0, gaps: true }, { label: null, name: `${layer} ${low}`, colour, width: 0, gaps: true });
    });
    if (scale.bad !== null) {
      columns.push(steps.map(() => scale.bad));
      lines.push({ label: scale.badWord, colour: '--bad', dash: [5, 4], width: 1.25, gaps: true });
    }
    setText(this.#lines.title, `${scale.label} of ${this.#shell.route.pin.length ? 'the chosen layers' : 'the layers with the lowest σ₂'}`);
    this.#lines.spec({ bands: tracks.map(([layer], i) => [3 * i + 1, 3 * i + 2, `--line-${pins.indexOf(layer) + 1}`]), from0: scale.axis.high === 1, least: scale.axis.high });
    this.#lines.log = this.#shell.route.scale === 'log';
    this.#lines.feed({ steps, times: steps.map((step) => times.get(step)), columns, lines, marks: marks.filter(({ layer }) => pins.includes(layer)), step: this.#shell.route.step });
  }

  #drawChain(run, chain) {
    this.#drawChoice(run, chain.chain);
    const { steps, times, last } = this.#feed.chainTracks.get(chain.chain) ?? { steps: [], times: [], last: {} };
    for (const chart of [this.#gain, this.#depth, this.#snr]) chart.figure.hidden = !steps.length;
    this.#readWaterfall(chain.chain);
    this.#drawAlong(this.#shell.route.step !== undefined && this.#waterfall?.chain === chain.chain ? this.#waterfall : chain);
    if (!steps.length) return;
    const { step } = this.#shell.route;
    const marks = run.marks().filter(({ layer }) => !layer);
    const fed = (...columns) => ({ steps, times, columns, marks, step });
    this.#gain.feed(fed(last.depthGain, last.compositeGain));
    this.#depth.feed(fed(last.networkEffectiveDepth, last.compositeEffectiveDepth));
    this.#snr.figure.hidden = chain.n <= 2;
    if (chain.n > 2) this.#snr.feed(fed(last.snrCeiling, steps.map(() => chain.snrCritical)));
  }

  #drawAlong(at) {
    const noise = at.n > 2 && at.noiseAmplitude ? at.noiseAmplitude ** 2 : null;
    const value = (gain) => (gain === null ? null : noise ? gain ** 2 / noise : gain);
    setText(this.#along.title, `${noise ? 'Signal-to-noise' : 'Detail left'} along the network at step ${integer(at.step)}`);
    setText(byId('along-note'), noise && at.assumed ? 'The noise is assumed from the activation type.' : '');
    byId('step-latest').hidden = this.#shell.route.step === undefined;
    const composite = at.compositeGain ?? at.depthGain.map(() => null);
    this.#along.feed({
      steps: [0, ...at.depthGain.map((_, i) => i + 1)],
      times: null,
      names: ['the beginning', ...at.layers.map((layer, i) => `${i + 1}, ${layer}`)],
      columns: [
        [value(1), ...at.depthGain.map(value)],
        [at.compositeGain ? value(1) : null, ...composite.map(value)],
        [0, ...at.depthGain].map(() => (noise ? at.snrCritical : null)),
      ],
    });
  }

  #drawChoice(run, shown) {
    const box = byId('chain-choice');
    const names = run.chains.size > 1 ? [...run.chains.values()].sort((a, b) => a.n - b.n).map((chain) => chain.chain) : [];
    if (box.dataset.shown === `${names}|${shown}`) return;
    box.dataset.shown = `${names}|${shown}`;
    box.replaceChildren(...names.map((name) => element('button', {
      type: 'button',
      'aria-pressed': String(name === shown),
      onclick: () => this.#refine({ chain: name }),
    }, `n = ${run.chains.get(name).n}`)));
  }
}

// One layer: every figure over the steps with what it means, and the matrix itself where it is small.

import { getJson, runPath } from '/assets/api.js';
import { Chart } from '/assets/charts.js';
import { byId, element, setText } from '/assets/dom.js';
import { bounded, depth, integer, number, observability } from '/assets/format.js';
import { MatrixPicture } from '/assets/matrix.js';
import { isOperator } from '/assets/model.js';
import { format, kept } from '/assets/route.js';
import { RunFeed } from '/assets/run-feed.js';
import { SCALES } from '/assets/scales.js';
import { Span } from '/assets/span.js';
import { Toolbar } from '/assets/toolbar.js';

const MATRIX_MILLIS = 2000;
const BOUND = /(Lower|Upper)$/;

/** The figures that say most come first, as they do in the list of those that can be chosen. */
function rank(key) {
  const at = SCALES.findIndex((scale) => scale.key === key);
  return at < 0 ? SCALES.length : at;
}

/** A figure's name in words. */
function nameOf(key) {
  const known = SCALES.find((scale) => scale.key === key);
  return known?.label ?? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace('sigma1', 'σ₁').replace('sigma2', 'σ₂');
}

/** Of a batch whose operators differ much: how little the others keep. */
function apart(spread) {
  return spread && spread.min < spread.max / 2
    ? `, with σ₂ = ${number(spread.max)} where half of them have ${number(spread.median)} or less, and the least ${number(spread.min)}`
    : '';
}

/** The words are not told anew while it stands, but for those of a projection. */
function alarmLine({ alarm, state, sinceStep, reasonStep, reason }) {
  const then = reasonStep === undefined ? 'as last told' : 'as it was then';
  return `${alarm}, ${state} since step ${integer(sinceStep)}, ${then}: ${reason}`;
}

export class LayerView {
  #shell;
  #feed = null;
  #span = new Span();
  #toolbar;
  #matrix;
  #meanings = null;
  #cards = new Map();
  #layer = null;
  #matrixAt = 0;
  #matrixOf = null;

  constructor(shell) {
    this.#shell = shell;
    this.#toolbar = new Toolbar(byId('layer-toolbar'), this.#span, (changes) => this.#refine(changes), { figure: false, grid: () => this.#feed?.grid ?? null });
    this.#matrix = new MatrixPicture(byId('matrix'), shell.tooltip, (index) => this.#refine({ index }));
    this.#span.listen((moved) => {
      if (!moved) return;
      shell.refine(this.#span.said);
      this.#toolbar.draw(shell.route);
    });
  }

  follows() {
    return { runs: [this.#shell.route.run], only: [] };
  }

  title() {
    return `${this.#shell.route.layer} – ${this.#shell.route.run} – `;
  }

  open(route) {
    this.#span.mode = route.axis === 'time' ? 'time' : 'step';
    this.#span.begin(route.from, route.to);
    if (this.#feed?.name !== route.run || this.#layer !== route.layer || this.#feed.closed) {
      this.#feed?.close();
      this.#layer = route.layer;
      this.#matrixOf = null;
      for (const { chart } of this.#cards.values()) chart.close();
      this.#cards.clear();
      byId('figure-cards').replaceChildren();
      this.#feed = new RunFeed(route.run, SCALES[0].key, () => this.#shell.draw());
      this.#feed.layerTracks.set(route.layer, null);
      this.#read();
    }
  }

  async #read() {
    try {
      this.#meanings ??= new Map((await getJson('/api/v1/figures'))?.figures.map(({ key, meaning }) => [key, meaning]));
    } catch (error) {
      this.#shell.failed(error); // the figures are worth showing without words
    }
    await this.#feed?.read().catch(this.#shell.failed);
  }

  leave() {
    this.#feed?.close();
    this.#feed = null;
  }

  reset() {
    this.#read();
  }

  heard(type, data) {
    if (type !== 'silence') this.#feed.take(type, data);
  }

  recolour() {
    for (const { chart } of this.#cards.values()) chart.recolour();
    this.#matrix.draw();
  }

  key(key) {
    return this.#toolbar.key(key);
  }

  #refine(changes) {
    this.#shell.refine(changes);
    this.open(this.#shell.route);
    this.#shell.drawNow();
  }

  draw() {
    const { run, unknown } = this.#feed;
    const { route } = this.#shell;
    byId('layer-back').href = format(kept(route));
    setText(byId('layer-back'), route.run);
    setText(byId('layer-name'), route.layer);
    const verdict = run?.verdicts.get(route.layer);
    byId('layer-unknown').hidden = !(unknown || (run && !verdict));
    byId('layer-body').hidden = !verdict;
    if (!verdict) return;
    this.#drawFacts(verdict, run.standing().filter(({ layer }) => layer === route.layer));
    this.#drawNeighbours(run, route);
    this.#toolbar.draw(route);
    this.#drawCards(run, verdict);
    this.#readMatrix(verdict);
  }

  #drawFacts(verdict, alarms) {
    const facts = [
      ['Kind', verdict.kind],
      ['Profile', verdict.profile],
      ['Observability', [verdict.projectionAssumed ? `${verdict.observability}, assumed` : verdict.observability, observability(verdict)].filter(Boolean).join(': ')],
      ['Shape', verdict.shape.join(' × ')],
      ...(isOperator(verdict) ? [['Streams', `n = ${verdict.n}${verdict.batch > 1 ? `, ${integer(verdict.batch)} operators; the liveliest speaks${apart(verdict.sigma2Batch)}` : ''}`]] : []),
      ['Last judged', `step ${integer(verdict.step)}${verdict.attempt ? `, attempt ${verdict.attempt}` : ''}`],
      ...(verdict.nonFinite ? [['NaN, Inf', integer(verdict.nonFinite)]] : []),
      ['Alarms', alarms.length ? alarms.map((alarm) => element('div', {}, alarmLine(alarm))) : 'none', 'wide'],
    ];
    byId('layer-facts').replaceChildren(...facts.map(([term, value, more]) => element('div', { class: `fact ${more ?? ''}`.trim() },
      element('dt', {}, term), element('dd', {}, ...[value].flat()))));
  }

  #drawNeighbours(run, route) {
    const names = run.operators().map(({ layer }) => layer);
    const at = names.indexOf(route.layer);
    for (const [id, name] of [['layer-before', names[at - 1]], ['layer-after', at < 0 ? undefined : names[at + 1]]]) {
      byId(id).hidden = name === undefined;
      if (name !== undefined) byId(id).href = format({ ...route, layer: name, index: undefined });
    }
  }

  #drawCards(run, verdict) {
    const track = this.#feed.layerTracks.get(this.#layer);
    if (!track || !track.steps.length) return;
    const { mode } = this.#span;
    const places = mode === 'time' ? track.times : track.steps;
    const interval = places.length > 1 ? (places.at(-1) - places[0]) / (places.length - 1) : 1;
    this.#span.extend(places[0] - (places.length > 1 ? 0 : interval), places.at(-1), interval);
    const marks = run.marks().filter(({ layer }) => layer === this.#layer);
    for (const key of [...track.columns].filter((name) => !BOUND.test(name)).sort((a, b) => rank(a) - rank(b))) {
      if (!track.last[key].some((value) => value !== null) && verdict[key] === undefined) continue;
      const { chart, value, bad } = this.#card(key, track);
      setText(value, this.#valueOf(key, verdict));
      const certain = track.last[`${key}Upper`] !== undefined;
      const low = certain ? track.last[`${key}Lower`] : track.min[key];
      const high = certain ? track.last[`${key}Upper`] : track.max[key];
      chart.log = this.#shell.route.scale === 'log';
      chart.feed({ steps: track.steps, times: track.times, columns: [track.last[key], high, low, ...(bad === null ? [] : [track.steps.map(() => bad)])], marks, step: this.#shell.route.step });
    }
  }

  #card(key, track) {
    let card = this.#cards.get(key);
    if (card) return card;
    const value = element('strong', { class: 'card-value' });
    const node = element('section', { class: 'panel card' }, element('div', { class: 'card-head' }, element('h3', {}, nameOf(key)), value));
    byId('figure-cards').append(node);
    const certain = track.last[`${key}Upper`] !== undefined;
    const [high, low] = certain ? ['upper bound', 'lower bound'] : ['highest', 'lowest'];
    const scale = SCALES.find((known) => known.key === key && known.bad !== null);
    const chart = new Chart(node, this.#span, {
      title: nameOf(key),
      hint: this.#meanings?.get(key) ?? '',
      format: key === 'iterationsToTolerance' ? integer : undefined,
      sync: 'layer',
      height: 110,
      lines: [{ label: '', name: key, colour: '--line-1' }, { label: null, name: `${key} ${high}`, colour: '--line-1', width: 0 }, { label: null, name: `${key} ${low}`, colour: '--line-1', width: 0 },
        ...(scale ? [{ label: scale.badWord, colour: '--bad', dash: [5, 4], width: 1.25 }] : [])],
      bands: [[1, 2, '--line-1']],
    }, { step: (step) => this.#refine({ step }) });
    this.#cards.set(key, card = { chart, value, bad: scale ? scale.bad : null });
    return card;
  }

  #valueOf(key, verdict) {
    if (key === 'effectiveDepth') {
      const layers = depth(verdict.effectiveDepth, verdict.detailGain);
      return `${layers} ${layers === '1' ? 'layer' : 'layers'}`;
    }
    if (key === 'iterationsToTolerance' && Number.isInteger(verdict[key])) return integer(verdict[key]);
    return bounded(verdict[key], verdict[`${key}Lower`], verdict[`${key}Upper`]);
  }

  /** The matrix as it is now, not more often than a person can look. */
  async #readMatrix(verdict) {
    const { run, layer, index } = this.#shell.route;
    byId('matrix-panel').hidden = !isOperator(verdict);
    if (!isOperator(verdict)) return;
    const wanted = JSON.stringify([run, layer, index, verdict.attempt, verdict.step]);
    const wait = MATRIX_MILLIS - (performance.now() - this.#matrixAt);
    if (wanted === this.#matrixOf) return;
    if (wait > 0 && this.#matrixOf !== null && JSON.parse(this.#matrixOf)[2] === (index ?? null)) {
      setTimeout(() => this.#shell.draw(), wait);
      return;
    }
    this.#matrixAt = performance.now();
    this.#matrixOf = wanted;
    try {
      const response = await fetch(runPath(run, '/matrix', { layer, index }));
      const json = await response.json();
      if (this.#matrixOf !== wanted) return;
      if (response.ok) this.#matrix.render(json);
      else this.#matrix.none(json.error ?? 'The matrix is not kept.');
    } catch {
      this.#matrixOf = null; // the connection is broken, which is said elsewhere
    }
  }
}

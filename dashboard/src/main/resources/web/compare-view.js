// Two runs on the same axes.

import { Chart } from '/assets/charts.js';
import { byId, setText } from '/assets/dom.js';
import { exports } from '/assets/files.js';
import { integer } from '/assets/format.js';
import { Heatmap } from '/assets/heatmap.js';
import { format, kept } from '/assets/route.js';
import { RunFeed } from '/assets/run-feed.js';
import { scaleOf } from '/assets/scales.js';
import { Span } from '/assets/span.js';
import { shallowest } from '/assets/standing.js';
import { Toolbar, lowestShown } from '/assets/toolbar.js';

export class CompareView {
  #shell;
  #feeds = [];
  #span = new Span();
  #toolbar;
  #heatmaps;
  #charts = {};

  constructor(shell) {
    this.#shell = shell;
    this.#toolbar = new Toolbar(byId('compare-toolbar'), this.#span, (changes) => this.#refine(changes));
    this.#heatmaps = [0, 1].map((side) => {
      const open = (layer, step) => shell.go({ ...kept(shell.route), run: this.#feeds[side].name, layer, step: step ?? undefined });
      const heatmap = new Heatmap(byId(`compare-heatmap-${side}`), shell.tooltip, this.#span, { open, step: () => {} });
      byId(`compare-head-${side}`).append(exports(() => `${this.#feeds[side].name}-${this.#feeds[side].figure}`, () => heatmap.csv(), () => heatmap.picture()));
      return heatmap;
    });
    const chart = (title, more) => new Chart(byId('compare-charts'), this.#span, { title, sync: 'compare', lines: [], ...more });
    this.#charts.extreme = chart('', { from0: true });
    this.#charts.depth = chart('Network effective depth, in operators (bound)', { from0: true, format: integer });
    this.#charts.gain = chart('Detail left behind the last operator (bound)', { log: true });
    this.#charts.snr = chart('Signal-to-noise ceiling', { log: true });
    byId('compare-swap').addEventListener('click', () => shell.go({ ...shell.route, run: shell.route.other, other: shell.route.run }));
    this.#span.listen((moved) => this.#moved(moved));
  }

  follows() {
    return { runs: [...new Set([this.#shell.route.run, this.#shell.route.other])], only: [] };
  }

  title() {
    return `${this.#shell.route.run} and ${this.#shell.route.other} – `;
  }

  open(route) {
    const { key } = scaleOf(route.figure);
    this.#span.mode = route.axis === 'time' ? 'time' : 'step';
    this.#span.begin(route.from, route.to);
    const names = [route.run, route.other];
    if (names.some((name, side) => this.#feeds[side]?.name !== name || this.#feeds[side].closed)) {
      this.leave();
      this.#feeds = names.map((name) => new RunFeed(name, key, () => this.#shell.draw()));
      this.reset();
    } else {
      this.#feeds.forEach((feed) => feed.choose(key, null).catch(this.#shell.failed));
    }
  }

  leave() {
    this.#feeds.forEach((feed) => feed.close());
    this.#feeds = [];
  }

  reset() {
    this.#feeds.forEach((feed) => feed.read().catch(this.#shell.failed));
  }

  heard(type, data) {
    if (type !== 'silence') this.#feeds.forEach((feed) => feed.take(type, data));
  }

  recolour() {
    Object.values(this.#charts).forEach((chart) => chart.recolour());
    this.#heatmaps.forEach((heatmap) => heatmap.draw());
  }

  key(key) {
    return this.#toolbar.key(key);
  }

  #refine(changes) {
    this.#shell.refine(changes);
    this.open(this.#shell.route);
    this.#shell.drawNow();
  }

  #moved(moved) {
    if (!moved) return;
    this.#shell.refine(this.#span.said);
    this.#toolbar.draw(this.#shell.route);
    this.#feeds.forEach((feed) => feed.see(this.#span));
  }

  draw() {
    const { route } = this.#shell;
    const unknown = this.#feeds.filter((feed) => feed.unknown).map((feed) => feed.name);
    byId('compare-unknown').hidden = unknown.length === 0;
    setText(byId('compare-unknown'), unknown.length ? `Unknown: ${unknown.join(', ')}.` : '');
    [route.run, route.other].forEach((name, side) => {
      byId(`compare-name-${side}`).href = format({ ...kept(route), run: name });
      setText(byId(`compare-name-${side}`), name);
      setText(byId(`compare-title-${side}`), `${scaleOf(route.figure).label} in ${name}`);
    });
    this.#toolbar.draw(route);
    const known = this.#feeds.filter((feed) => feed.grid?.columns);
    if (!known.length) return;
    const { mode } = this.#span;
    this.#span.extend(
      Math.min(...known.map(({ grid }) => grid.left(0, mode))),
      Math.max(...known.map(({ grid }) => grid.places(mode).at(-1))),
      Math.min(...known.map(({ grid }) => grid.interval(mode))));
    known.forEach((feed) => feed.see(this.#span));
    this.#drawHeatmaps(route);
    this.#drawCharts(route);
  }

  #drawHeatmaps(route) {
    this.#feeds.forEach((feed, side) => {
      byId(`compare-panel-${side}`).hidden = !feed.grid?.columns || !feed.run;
      if (!feed.grid?.columns || !feed.run) return;
      const scale = scaleOf(feed.grid.figure);
      this.#heatmaps[side].render({ grids: [feed.grid, feed.zoomed], scale, lowest: lowestShown(route, scale), selected: [], step: null, marks: feed.run.marks(), name: feed.name });
    });
    const scale = scaleOf(route.figure);
    const legend = byId('compare-legend');
    if (legend.dataset.figure !== scale.key) {
      legend.dataset.figure = scale.key;
      legend.replaceChildren(scale.legend());
    }
  }

  #drawCharts(route) {
    const scale = scaleOf(route.figure);
    const lowest = lowestShown(route, scale);
    setText(this.#charts.extreme.title, `${lowest ? 'Lowest' : 'Highest'} ${scale.label} of all operators`);
    this.#charts.extreme.spec({ from0: scale.axis.high === 1 });
    this.#charts.extreme.log = route.scale === 'log';
    this.#both(this.#charts.extreme, (feed) => feed.grid && { steps: feed.grid.steps, times: feed.grid.times, values: feed.grid.extremes(lowest) });
    const ofChain = (column) => (feed) => {
      const chain = feed.run && shallowest([...feed.run.chains.values()]);
      const track = chain && feed.chainTracks.get(chain.chain);
      return track && { steps: track.steps, times: track.times, values: track.last[column] };
    };
    this.#both(this.#charts.depth, ofChain('networkEffectiveDepth'));
    this.#both(this.#charts.gain, ofChain('depthGain'));
    this.#both(this.#charts.snr, ofChain('snrCeiling'));
  }

  /** One line for each run, on the steps, or times, of both. */
  #both(chart, of) {
    const series = this.#feeds.map(of);
    const time = this.#span.mode === 'time';
    const points = series.flatMap((one, side) => (one ? one.steps.map((step, i) => ({ side, step, time: one.times[i], value: one.values[i] })) : []));
    points.sort((a, b) => (time ? a.time - b.time : a.step - b.step));
    const merged = [];
    for (const point of points) {
      const last = merged.at(-1);
      if (last && (time ? last.time === point.time : last.step === point.step)) last.values[point.side] = point.value;
      else merged.push({ step: point.step, time: point.time, values: Object.assign([null, null], { [point.side]: point.value }) });
    }
    chart.figure.hidden = !merged.length;
    if (!merged.length) return;
    chart.feed({
      steps: merged.map(({ step }) => step),
      times: merged.map((point) => point.time),
      columns: [0, 1].map((side) => merged.map(({ values }) => values[side])),
      lines: this.#feeds.map(({ name }, side) => ({ label: name, colour: `--line-${side + 1}`, dash: side ? [6, 4] : undefined, gaps: true })),
    });
  }
}

// The chosen layers' figure as lines, each with what is certain of it.

import { Chart } from '/assets/charts.js';
import { byId, setText } from '/assets/dom.js';

const MOST_LINES = 6;
const LOWEST_LINES = 3;
/** Which layers are lowest is looked at again no sooner, so that lines do not jump. */
const LOWEST_MILLIS = 15_000;
const NOTHING = { at: -Infinity, layers: [] };

export class RunLines {
  #shell;
  #chart;
  #lowest = NOTHING;

  /** Layers that are drawn. */
  shown = [];

  /** `on.step(step)`: a step was chosen. */
  constructor(shell, span, on) {
    this.#shell = shell;
    this.#chart = new Chart(byId('lines'), span, { title: '', sync: 'steps', from0: true, height: 190, lines: [] }, on);
  }

  /** Of another run. */
  reset() {
    this.#lowest = NOTHING;
  }

  recolour() {
    this.#chart.recolour();
  }

  /** The layers to be chosen when one is chosen besides, or no longer. */
  pinned(layer, on) {
    const others = this.shown.filter((name) => name !== layer);
    return on ? [...others, layer].slice(-MOST_LINES) : others;
  }

  /** Decides which layers are drawn: the chosen ones, else those with the lowest sigma2. */
  choose(run) {
    const known = this.#shell.route.pin.filter((layer) => run.verdicts.has(layer));
    this.shown = known.length ? known.slice(0, MOST_LINES) : this.#lowestLayers(run);
  }

  #lowestLayers(run) {
    const now = performance.now();
    const { at, layers } = this.#lowest;
    const stands = layers.length && layers.every((layer) => run.verdicts.has(layer));
    if (!stands || now - at > LOWEST_MILLIS) {
      const lowest = run.operators().filter(({ sigma2 }) => Number.isFinite(sigma2))
        .sort((a, b) => a.sigma2 - b.sigma2).slice(0, LOWEST_LINES).map(({ layer }) => layer).sort();
      this.#lowest = { at: now, layers: lowest };
    }
    return this.#lowest.layers;
  }

  /** Their figure with what is certain of it, or the range that pooled points cover. */
  draw(feed, scale, marks) {
    const pins = this.shown;
    feed.layers(pins).catch(this.#shell.failed);
    const tracks = pins.map((layer) => [layer, feed.layerTracks.get(layer)]).filter(([, track]) => track);
    this.#chart.figure.hidden = !tracks.length;
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
    const { route } = this.#shell;
    setText(this.#chart.title, `${scale.label} of ${route.pin.length ? 'the chosen layers' : 'the layers with the lowest σ₂'}`);
    this.#chart.spec({ bands: tracks.map(([layer], i) => [3 * i + 1, 3 * i + 2, `--line-${pins.indexOf(layer) + 1}`]), from0: scale.axis.high === 1, least: scale.axis.high });
    this.#chart.log = route.scale === 'log';
    this.#chart.feed({ steps, times: steps.map((step) => times.get(step)), columns, lines, marks: marks.filter(({ layer }) => pins.includes(layer)), step: route.step });
  }
}

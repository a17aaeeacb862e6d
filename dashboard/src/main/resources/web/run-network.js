// What all operators of a run do together: how deep the network is, and where along it the detail is lost.

import { getJson, runPath } from '/assets/api.js';
import { Chart } from '/assets/charts.js';
import { byId, element, setText } from '/assets/dom.js';
import { integer } from '/assets/format.js';
import { shallowest } from '/assets/standing.js';

const TRY_AGAIN_MILLIS = 5000;

export class RunNetwork {
  #shell;
  #on;
  #gain;
  #depth;
  #snr;
  #along;
  #waterfall = null;
  #waterfallOf = null;

  /** `on.step(step)`: a step was chosen, or none; `on.chain(name)`: another chain was. */
  constructor(shell, span, on) {
    this.#shell = shell;
    this.#on = on;
    const chart = (spec) => new Chart(byId('charts'), span, spec, { step: on.step });
    const both = [{ label: 'bound', colour: '--line-1' }, { label: 'composite', colour: '--line-2', dash: [6, 4] }];
    const critical = { label: 'critical', colour: '--bad', dash: [5, 4], width: 1.25 };
    this.#depth = chart({ title: 'Network effective depth, in operators', sync: 'steps', from0: true, format: integer, lines: both });
    this.#gain = chart({ title: 'Detail left behind the last operator', sync: 'steps', log: true, lines: both });
    this.#snr = chart({ title: 'Signal-to-noise ceiling behind the last operator', sync: 'steps', log: true,
      lines: [{ label: 'ceiling', colour: '--line-1' }, critical] });
    this.#along = chart({ title: '', x: 'operator', log: true, wide: true, lines: [...both, critical] });
    byId('step-latest').addEventListener('click', () => on.step(undefined));
  }

  /** Of another run. */
  reset() {
    this.#waterfall = this.#waterfallOf = null;
  }

  recolour() {
    for (const chart of [this.#gain, this.#depth, this.#snr, this.#along]) chart.recolour();
  }

  /** The chain that is shown; null of a run without any. */
  chain(run) {
    return run.chains.get(this.#shell.route.chain) ?? shallowest([...run.chains.values()]);
  }

  draw(run, chain, track) {
    this.#drawChoice(run, chain.chain);
    const { steps, times, last } = track ?? { steps: [], times: [], last: {} };
    for (const chart of [this.#gain, this.#depth, this.#snr]) chart.figure.hidden = !steps.length;
    this.#readWaterfall(chain.chain);
    const { step } = this.#shell.route;
    this.#drawAlong(step !== undefined && this.#waterfall?.chain === chain.chain ? this.#waterfall : chain);
    if (!steps.length) return;
    const marks = run.marks().filter(({ layer }) => !layer);
    const fed = (...columns) => ({ steps, times, columns, marks, step });
    this.#gain.feed(fed(last.depthGain, last.compositeGain));
    this.#depth.feed(fed(last.networkEffectiveDepth, last.compositeEffectiveDepth));
    this.#snr.figure.hidden = chain.n <= 2;
    if (chain.n > 2) this.#snr.feed(fed(last.snrCeiling, steps.map(() => chain.snrCritical)));
  }

  /** Detail along the network at the chosen step; of the last one it is known already. */
  async #readWaterfall(chain) {
    const { run, step } = this.#shell.route;
    if (step === undefined) {
      this.reset();
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
      onclick: () => this.#on.chain(name),
    }, `n = ${run.chains.get(name).n}`)));
  }
}

// What the page knows of the selected run: the latest verdicts, the alarms, and histories in bounded memory.

const MAX_POINTS = 1200;
const MAX_CHANGES = 200;

/** Columns by step; pooled by two when full, each pool keeping its last, smallest and largest value. */
export class Track {
  constructor(columns, json) {
    this.columns = columns;
    this.steps = json ? json.steps.slice() : [];
    this.last = {};
    this.min = {};
    this.max = {};
    for (const name of columns) {
      this.last[name] = json ? json[name].slice() : [];
      this.min[name] = json ? (json[`${name}Min`] ?? json[name]).slice() : [];
      this.max[name] = json ? (json[`${name}Max`] ?? json[name]).slice() : [];
    }
  }

  get lastStep() {
    return this.steps.length ? this.steps[this.steps.length - 1] : -1;
  }

  /** A step that is not beyond the last takes the place of all from it on: training went back. */
  add(step, values) {
    let keep = this.steps.length;
    while (keep > 0 && this.steps[keep - 1] >= step) keep--;
    this.#arrays((array) => { array.length = keep; });
    this.steps.push(step);
    for (const name of this.columns) {
      const value = values[name] ?? null;
      for (const kept of [this.last, this.min, this.max]) kept[name].push(value);
    }
    if (this.steps.length > MAX_POINTS) this.#halve();
  }

  #arrays(change) {
    change(this.steps);
    for (const name of this.columns) {
      for (const kept of [this.last, this.min, this.max]) change(kept[name]);
    }
  }

  #halve() {
    const pools = Math.ceil(this.steps.length / 2);
    const pool = (array, choose) => {
      for (let i = 0; i < pools; i++) array[i] = choose(array[2 * i], array[Math.min(2 * i + 1, array.length - 1)]);
      array.length = pools;
    };
    const of = (extreme) => (a, b) => (a === null ? b : b === null ? a : extreme(a, b));
    const second = (a, b) => b;
    pool(this.steps, second);
    for (const name of this.columns) {
      pool(this.last[name], second);
      pool(this.min[name], of(Math.min));
      pool(this.max[name], of(Math.max));
    }
  }
}

const OPERATOR = ['sigma2', 'detailGain', 'effectiveDepth'];
const CHAIN = ['networkEffectiveDepth', 'compositeEffectiveDepth', 'depthGain', 'compositeGain', 'snrCeiling'];

export function isOperator(verdict) {
  return verdict.n > 1 && verdict.kind !== 'dense' && verdict.kind !== 'ignore';
}

/** Whether (attempt, step) of a comes after that of b. */
function newer(a, b) {
  return !b || a.attempt > b.attempt || (a.attempt === b.attempt && a.step > b.step);
}

function lexicographic(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

function alarmKey(alarm) {
  return JSON.stringify([alarm.alarm, alarm.chain, alarm.layer]);
}

const RANK = { critical: 0, warning: 1, info: 2 };

export class Run {
  /** From /api/v1/runs/{run} and its /history. */
  constructor(json, history) {
    this.name = json.run;
    this.attempt = json.attempt;
    this.step = json.step;
    this.last = json.last;
    this.truncated = json.truncated;
    this.verdicts = new Map(json.verdicts.map((verdict) => [verdict.layer, verdict]));
    this.chains = new Map(json.chainVerdicts.map((chain) => [chain.chain, chain]));
    this.alarms = new Map(json.alarms.map((alarm) => [alarmKey(alarm), alarm]));
    this.changes = json.changes;
    this.tracks = new Map(history.layers.map((layer) => [layer.layer, new Track(OPERATOR, layer)]));
    this.chainTracks = new Map(history.chains.map((chain) => [chain.chain, new Track(CHAIN, chain)]));
    this.order = null;
  }

  verdict(verdict) {
    const known = this.verdicts.get(verdict.layer);
    this.#at(verdict);
    this.last = Math.max(this.last, verdict.appended);
    if (!known || verdict.kind !== known.kind) this.order = null;
    if (isOperator(verdict)) {
      let track = this.tracks.get(verdict.layer);
      if (!track) this.tracks.set(verdict.layer, track = new Track(OPERATOR));
      if (!known || verdict.attempt > known.attempt || verdict.step > track.lastStep) track.add(verdict.step, verdict);
    }
    if (newer(verdict, known)) this.verdicts.set(verdict.layer, verdict);
  }

  chain(verdict) {
    const known = this.chains.get(verdict.chain);
    this.#at(verdict);
    let track = this.chainTracks.get(verdict.chain);
    if (!track) this.chainTracks.set(verdict.chain, track = new Track(CHAIN));
    if (!known || verdict.attempt > known.attempt || verdict.step > track.lastStep) {
      track.add(verdict.step, {
        ...verdict,
        depthGain: verdict.depthGain.at(-1),
        compositeGain: verdict.compositeGain?.at(-1),
      });
    }
    if (newer(verdict, known)) this.chains.set(verdict.chain, verdict);
  }

  alarm(alarm) {
    if (alarm.state === 'inactive') this.alarms.delete(alarmKey(alarm));
    else this.alarms.set(alarmKey(alarm), alarm);
    // a firing alarm is told again when more is known of it
    const again = this.changes.some((known) => alarmKey(known) === alarmKey(alarm)
      && known.state === alarm.state && known.since === alarm.since && known.sinceStep === alarm.sinceStep);
    if (!again) this.changes = [alarm, ...this.changes].slice(0, MAX_CHANGES);
  }

  /** Operators in network order. */
  operators() {
    if (!this.order) {
      this.order = [...this.verdicts.values()].filter(isOperator)
        .sort((a, b) => lexicographic(a.order, b.order) || a.layer.localeCompare(b.layer))
        .map((verdict) => verdict.layer);
    }
    return this.order.map((layer) => this.verdicts.get(layer));
  }

  dense() {
    return [...this.verdicts.values()].filter((verdict) => verdict.kind === 'dense')
      .sort((a, b) => a.layer.localeCompare(b.layer, 'en', { numeric: true }));
  }

  /** Firing before pending, loud before quiet, old before new. */
  standing() {
    return [...this.alarms.values()].sort((a, b) => (a.state === 'firing' ? 0 : 1) - (b.state === 'firing' ? 0 : 1)
      || RANK[a.severity] - RANK[b.severity] || a.sinceStep - b.sinceStep || a.layer.localeCompare(b.layer));
  }

  #at(verdict) {
    if (verdict.attempt > this.attempt) {
      this.attempt = verdict.attempt;
      this.step = verdict.step;
    } else if (verdict.attempt === this.attempt) {
      this.step = Math.max(this.step, verdict.step);
    }
  }
}

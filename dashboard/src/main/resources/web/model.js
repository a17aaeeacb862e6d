// What the page knows of a run: the latest verdicts, the alarms, and how the figures of some things went.

const MAX_POINTS = 3000;
const MAX_CHANGES = 200;

/** Columns over the steps as /api/v1/runs/{run}/history tells them; goes on with what the stream says. */
export class Track {
  constructor(json, columns) {
    this.columns = columns;
    this.steps = json?.steps.slice() ?? [];
    this.times = json?.times.slice() ?? [];
    this.last = {};
    this.min = {};
    this.max = {};
    for (const name of columns) {
      const nothing = () => this.steps.map(() => null);
      this.last[name] = json?.[name]?.slice() ?? nothing();
      this.min[name] = json?.[`${name}Min`]?.slice() ?? this.last[name].slice();
      this.max[name] = json?.[`${name}Max`]?.slice() ?? this.last[name].slice();
    }
  }

  get lastStep() {
    return this.steps.at(-1) ?? -1;
  }

  /** Whether it has more points than a screen, so that it should be read again, pooled. */
  get full() {
    return this.steps.length > MAX_POINTS;
  }

  /** A step that is not beyond the last takes the place of all from it on: training went back. */
  add(step, time, values) {
    let keep = this.steps.length;
    while (keep > 0 && this.steps[keep - 1] >= step) keep--;
    const columns = this.columns.flatMap((name) => [this.last[name], this.min[name], this.max[name]]);
    for (const array of [this.steps, this.times, ...columns]) array.length = keep;
    this.steps.push(step);
    this.times.push(time);
    for (const name of this.columns) {
      const value = values[name] ?? null;
      for (const kept of [this.last, this.min, this.max]) kept[name].push(value);
    }
  }
}

export const CHAIN_COLUMNS = ['networkEffectiveDepth', 'compositeEffectiveDepth', 'depthGain', 'compositeGain', 'snrCeiling'];

export function chainValues(verdict) {
  return { ...verdict, depthGain: verdict.depthGain.at(-1), compositeGain: verdict.compositeGain?.at(-1) ?? null };
}

export function isOperator(verdict) {
  return verdict.n > 1 && verdict.kind !== 'dense' && verdict.kind !== 'ignore';
}

/** Whether (attempt, step) of a comes after that of b. */
export function newer(a, b) {
  return !b || a.attempt > b.attempt || (a.attempt === b.attempt && a.step > b.step);
}

function lexicographic(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

export function alarmKey(alarm) {
  return JSON.stringify([alarm.run, alarm.alarm, alarm.chain, alarm.layer]);
}

const RANK = { critical: 0, warning: 1, info: 2 };

/** Firing before pending, loud before quiet, old before new. */
export function byTrouble(a, b) {
  return (a.state === 'firing' ? 0 : 1) - (b.state === 'firing' ? 0 : 1)
    || RANK[a.severity] - RANK[b.severity] || a.sinceStep - b.sinceStep || a.layer.localeCompare(b.layer);
}

export class Run {
  /** From /api/v1/runs/{run}. */
  constructor(json) {
    this.name = json.run;
    this.attempt = json.attempt;
    this.step = json.step;
    this.last = json.last;
    this.truncated = json.truncated;
    this.verdicts = new Map(json.verdicts.map((verdict) => [verdict.layer, verdict]));
    this.chains = new Map(json.chainVerdicts.map((chain) => [chain.chain, chain]));
    this.alarms = new Map(json.alarms.map((alarm) => [alarmKey(alarm), alarm]));
    this.changes = json.changes;
    this.order = null;
  }

  verdict(verdict) {
    const known = this.verdicts.get(verdict.layer);
    this.#at(verdict);
    this.last = Math.max(this.last, verdict.appended);
    if (!known || verdict.kind !== known.kind) this.order = null;
    if (newer(verdict, known)) this.verdicts.set(verdict.layer, verdict);
  }

  chain(verdict) {
    this.#at(verdict);
    if (newer(verdict, this.chains.get(verdict.chain))) this.chains.set(verdict.chain, verdict);
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
        .sort((a, b) => lexicographic(a.order, b.order) || (a.layer < b.layer ? -1 : 1))
        .map((verdict) => verdict.layer);
    }
    return this.order.map((layer) => this.verdicts.get(layer));
  }

  dense() {
    return [...this.verdicts.values()].filter((verdict) => verdict.kind === 'dense')
      .sort((a, b) => a.layer.localeCompare(b.layer, 'en', { numeric: true }));
  }

  standing() {
    return [...this.alarms.values()].sort(byTrouble);
  }

  /** Where alarms began to fire, for the time axes. */
  marks() {
    const seen = new Set();
    const found = [];
    for (const alarm of [...this.alarms.values(), ...this.changes]) {
      const key = `${alarmKey(alarm)} ${alarm.sinceStep}`;
      if (alarm.state !== 'firing' || seen.has(key)) continue;
      seen.add(key);
      const place = alarm.layer || (alarm.chain ? `chain ${alarm.chain}` : 'the run');
      found.push({ step: alarm.sinceStep, time: alarm.since, layer: alarm.layer, severity: alarm.severity, text: `${alarm.alarm} on ${place} since step ${alarm.sinceStep}: ${alarm.reason}` });
    }
    return found;
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

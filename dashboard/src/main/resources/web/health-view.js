// How the monitor itself is: whether it keeps up, and what it could not use.

import { getJson } from '/assets/api.js';
import { byId, element, setText } from '/assets/dom.js';
import { clock } from '/assets/axis.js';
import { Chart } from '/assets/charts.js';
import { age, bytes, integer, number, plural } from '/assets/format.js';
import { Span } from '/assets/span.js';

const POLL_MILLIS = 2000;
const KEPT = 900;

function tile(term, value, note = '', className = '') {
  return element('div', { class: `tile ${className}` }, element('dt', {}, term), element('dd', {}, value, element('small', {}, note)));
}

function rows(body, entries, none) {
  body.replaceChildren(...(entries.length
    ? entries.map(([word, count, hint]) => element('tr', {}, element('th', { scope: 'row', title: hint ?? null }, word), element('td', { class: 'numeric' }, integer(count))))
    : [element('tr', {}, element('td', { colspan: '2', class: 'muted' }, none))]));
}

export class HealthView {
  #shell;
  #timer = null;
  #samples = [];
  #span = new Span();
  #throughput;
  #lag;

  constructor(shell) {
    this.#shell = shell;
    this.#span.mode = 'time';
    const charts = byId('health-charts');
    this.#throughput = new Chart(charts, this.#span, { title: 'Throughput', point: 'at', sync: 'health', from0: true, lines: [
      { label: 'shards a second', colour: '--line-1' }, { label: 'snapshots a second', colour: '--line-2', dash: [6, 4] }] });
    this.#lag = new Chart(charts, this.#span, { title: 'Waiting', point: 'at', sync: 'health', from0: true, format: integer, lines: [
      { label: 'records behind', colour: '--line-1' }, { label: 'shards in flight', colour: '--line-2', dash: [6, 4] }] });
  }

  follows() {
    return { runs: [], only: ['forgotten'] };
  }

  open() {
    this.#read();
    this.#timer ??= setInterval(() => {
      if (!document.hidden) this.#read();
    }, POLL_MILLIS);
  }

  leave() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  recolour() {
    this.#throughput.recolour();
    this.#lag.recolour();
  }

  async #read() {
    try {
      const json = await getJson('/api/v1/service');
      if (!json) return;
      if (this.#samples.at(-1)?.shardsReceived > json.shardsReceived) this.#samples = []; // it started again
      this.#samples = [...this.#samples, json].slice(-KEPT);
    } catch (error) {
      this.#shell.failed(error);
    }
    this.#shell.draw();
  }

  title() {
    return 'Health – ';
  }

  /** Per second, of each sample against the one some before it. */
  #rates(key) {
    return this.#samples.map((sample, i) => {
      const before = this.#samples[Math.max(0, i - 3)];
      const seconds = (sample.now - before.now) / 1000;
      return seconds > 0 ? Math.max(0, sample[key] - before[key]) / seconds : null;
    });
  }

  draw() {
    const last = this.#samples.at(-1);
    byId('health-body').hidden = !last;
    if (!last) return;
    const shards = this.#rates('shardsReceived');
    const ingest = this.#rates('ingestBytes').at(-1);
    const delay = last.endToEndSeconds;
    byId('health-tiles').replaceChildren(
      tile('State', last.ready ? 'ready' : 'not ready', last.reasons.join('; '), last.ready ? '' : 'warn'),
      tile('Lag', last.consumerLagRecords === null ? '—' : `${integer(last.consumerLagRecords)} records`,
        last.consumerLagSeconds === null ? '' : `${number(last.consumerLagSeconds)} s behind`, last.consumerLagSeconds > 60 ? 'warn' : ''),
      tile('Throughput', `${number(shards.at(-1) ?? null)} shards/s`, ingest === null ? 'a moment' : `${bytes(ingest)}/s`),
      tile('In flight', integer(last.inFlight), `${bytes(last.bufferedBytes)} buffered`),
      tile('Time to verdict', delay?.count ? `${number(delay.p50)} s` : '—', delay?.count ? `99 % within ${number(delay.p99)} s` : 'nothing judged yet'),
      tile('Rejected', integer(Object.values(last.rejected).reduce((sum, count) => sum + count, 0)), 'records and snapshots', Object.keys(last.rejected).length ? 'warn' : ''),
      tile('Up for', age(last.now - last.startedAt), `version ${last.version}`),
    );
    rows(byId('outcomes'), Object.entries(last.outcomes).filter(([, count]) => count > 0), 'No shard has come yet.');
    rows(byId('rejected'), Object.entries(last.rejected).filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]), 'Nothing was rejected.');
    const canary = last.canary;
    setText(byId('health-more'), [
      `${integer(last.misrouted)} misrouted records`,
      `${integer(last.expired)} expired before they were received`,
      plural(last.streams, 'open page', 'open pages'),
      `${integer(last.eventsDropped)} events not sent to pages that read too slowly`,
      canary ? `canaries: ${integer(canary.answered)} of ${integer(canary.published)} answered, ${integer(canary.lost)} lost, ${integer(canary.wrong)} wrong` : 'no canary',
    ].join(' · '));
    this.#drawCharts(shards);
  }

  #drawCharts(shards) {
    const times = this.#samples.map(({ now }) => now);
    const steps = this.#samples.map((_, i) => i);
    if (times.length < 2) return;
    this.#span.extend(times[0], times.at(-1), 1000);
    const names = times.map((time) => clock(time, 0));
    this.#throughput.feed({ steps, times, names, columns: [shards, this.#rates('snapshotsAnalyzed')] });
    this.#lag.feed({ steps, times, names, columns: [this.#samples.map((s) => s.consumerLagRecords), this.#samples.map((s) => s.inFlight)] });
  }
}

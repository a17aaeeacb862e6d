// All runs: which is alive, which is not, and since when nothing was heard of it. Two of them can be compared.

import { byId, setText } from '/assets/dom.js';
import { OBSERVABILITY, age, integer, number, plural } from '/assets/format.js';
import { format } from '/assets/route.js';
import { TRAP } from '/assets/scales.js';
import { shallowest, standing } from '/assets/standing.js';
import { Table } from '/assets/tables.js';

const AGAIN_MILLIS = 500;

const hrefOf = (run) => format({ run });

function firing(run) {
  const { critical, warning, info } = run.alarmCounts;
  return critical + warning + info;
}

export class OverviewView {
  #shell;
  #table;
  #chosen = [];
  #asked = false;
  #again = null;

  constructor(shell) {
    this.#shell = shell;
    this.#table = new Table(byId('runs'), {
      label: 'Runs',
      key: (run) => run.run,
      choose: (run) => shell.go({ run }),
      columns: this.#columns(),
    });
    for (const id of ['origin', 'origin-post']) setText(byId(id), location.origin);
    byId('compare').addEventListener('click', () => shell.go({ run: this.#chosen[0], other: this.#chosen[1] }));
  }

  #columns() {
    const shell = this.#shell;
    return [
      {
        title: 'Compare',
        hint: 'tick two runs',
        text: () => '',
        toggle: { label: (run) => `compare ${run.run}`, checked: (run) => this.#chosen.includes(run.run), change: (run, on) => this.#tick(run.run, on) },
      },
      { title: 'Run', text: (run) => run.run, href: (run) => hrefOf(run.run) },
      { title: 'State', text: (run, now) => standing(run, now).word, sort: (run) => standing(run, shell.now()).rank, className: (run) => `state ${standing(run, shell.now()).className}` },
      {
        title: 'Worst alarm',
        text: (run) => (run.worst ? `${run.worst.alarm} since step ${integer(run.worst.sinceStep)}` : '—'),
        sort: (run) => run.worst?.alarm ?? null,
        tip: (run) => run.worst?.reason ?? '',
      },
      {
        title: 'Lowest σ₂',
        text: (run) => number(run.sigma2Min),
        sort: (run) => run.sigma2Min,
        className: (run) => (run.sigma2Min !== null && run.sigma2Min < TRAP ? 'bad' : ''),
        tip: (run) => run.sigma2MinLayer ?? '',
        numeric: true,
      },
      {
        title: 'Network depth',
        text: (run) => {
          const chain = shallowest(run.chains);
          return chain ? `${integer(chain.networkEffectiveDepth)} of ${integer(chain.operators)}` : '—';
        },
        sort: (run) => shallowest(run.chains)?.networkEffectiveDepth ?? null,
        hint: 'effective depth, an upper bound, of all operators of the chain',
        numeric: true,
      },
      {
        title: 'Firing',
        text: (run) => integer(firing(run)) + (run.alarmCounts.silenced ? ` (${integer(run.alarmCounts.silenced)} silenced)` : ''),
        sort: firing,
        className: (run) => (run.alarmCounts.critical ? 'bad' : firing(run) ? 'warn' : ''),
        tip: (run) => `${plural(run.alarmCounts.critical, 'critical', 'critical')}, ${plural(run.alarmCounts.warning, 'warning', 'warnings')}, ${run.alarmCounts.info} info, ${run.alarmCounts.pending} pending`,
        numeric: true,
      },
      { title: 'Step', text: (run) => integer(run.step), sort: (run) => run.step, numeric: true },
      {
        title: 'Last snapshot',
        text: (run, now) => (run.last ? `${age(now - run.last)} ago` : '—'),
        sort: (run) => run.last,
        numeric: true,
      },
      {
        title: 'Layers',
        text: (run) => (run.layers === run.operators ? integer(run.layers) : `${integer(run.operators)} of ${integer(run.layers)}`),
        sort: (run) => run.layers,
        hint: 'operators, of all layers',
        numeric: true,
      },
      {
        title: 'Observability',
        text: (run) => run.observability?.join(', ') || '—',
        tip: (run) => (run.observability ?? []).map((word) => OBSERVABILITY[word] ?? word).join('; '),
      },
    ];
  }

  #tick(run, on) {
    this.#chosen = this.#chosen.filter((name) => name !== run);
    if (on) this.#chosen = [...this.#chosen, run].slice(-2);
    this.#shell.drawNow();
  }

  follows() {
    return { runs: [], only: ['alarm', 'forgotten'] };
  }

  open(route) {
    this.#asked = route.view === 'overview';
  }

  /** Many events at once are one reading. */
  heard() {
    this.#again ??= setTimeout(() => {
      this.#again = null;
      this.#shell.readRuns();
    }, AGAIN_MILLIS);
  }

  /** Who comes without a wish and finds one run wants to see that one. */
  told() {
    const { runs } = this.#shell;
    if (!this.#asked && runs.length === 1) {
      history.replaceState(null, '', hrefOf(runs[0].run));
      dispatchEvent(new PopStateEvent('popstate'));
    }
  }

  draw() {
    const { runs } = this.#shell;
    const any = runs !== null && runs.length > 0;
    byId('empty').hidden = runs === null || any || this.#shell.unready;
    byId('runs-panel').hidden = !any;
    if (!any) return;
    this.#chosen = this.#chosen.filter((name) => runs.some((run) => run.run === name));
    const now = this.#shell.now();
    const byTrouble = [...runs].sort((a, b) => standing(a, now).rank - standing(b, now).rank || b.last - a.last);
    this.#table.render(byTrouble, null, Math.floor(this.#shell.now() / 1000) * 1000);
    byId('compare').disabled = this.#chosen.length < 2;
    setText(byId('compare'), this.#chosen.length === 2 ? `Compare ${this.#chosen.join(' with ')}` : 'Tick two runs to compare them');
  }
}

// What is wrong now, loudest first, and what changed. The same alarm on many layers is one group.

import { element } from '/assets/dom.js';
import { age, integer, number, plural } from '/assets/format.js';

/** Alarms of a group that show without opening it. */
const SHOWN = 3;
const SHOWN_CHANGES = 50;

function level(alarm) {
  return alarm.state === 'firing' ? alarm.severity : 'pending';
}

/** In order of their first alarm. */
function groups(alarms) {
  const found = new Map();
  for (const alarm of alarms) {
    const key = `${alarm.alarm} ${alarm.state} ${alarm.severity}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(alarm);
  }
  return found;
}

export class Alarms {
  #onLayer;
  #groups = element('div', { class: 'groups', 'aria-live': 'polite' });
  #none = element('p', { class: 'muted' });
  #changes = element('ol', { class: 'changes' });
  #details;
  #opened = new Set();
  #rendered = '';

  constructor(container, onLayer) {
    this.#onLayer = onLayer;
    this.#details = element('details', {}, element('summary', {}, 'Last changes'), this.#changes);
    container.append(this.#none, this.#groups, this.#details);
  }

  render(run, now) {
    // built anew only when it would look different, so that what is open or focused stays so
    const standing = run.standing();
    const minute = Math.floor(now / 10_000);
    const looks = JSON.stringify([run.name, run.operators().length > 0, minute, standing, run.changes]);
    if (looks === this.#rendered) return;
    this.#rendered = looks;
    this.#none.hidden = standing.length > 0;
    this.#none.textContent = run.operators().length
      ? 'No alarm is pending or firing.'
      : 'No alarm can be judged without an operator, except that the run falls silent.';
    const focused = this.#groups.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.#groups.replaceChildren(...[...groups(standing)].map(([key, alarms]) => this.#group(key, alarms, now)));
    if (focused) [...this.#groups.querySelectorAll('button, summary')].find((node) => node.textContent === focused)?.focus();
    this.#details.hidden = run.changes.length === 0;
    this.#changes.replaceChildren(...run.changes.slice(0, SHOWN_CHANGES).map((alarm) => this.#change(alarm, now)));
  }

  #group(key, alarms, now) {
    const [first] = alarms;
    const chip = element('span', { class: 'chip' }, first.state === 'firing' ? first.severity : 'pending');
    const name = element('strong', {}, first.alarm);
    if (alarms.length === 1) {
      const what = element('span', { class: 'what' }, chip, name, ' on ', this.#place(first));
      return element('ul', { class: `group ${level(first)}` }, this.#alarm(first, what, now));
    }
    const rows = alarms.map((alarm) => this.#alarm(alarm, this.#place(alarm), now));
    const node = element('div', { class: `group ${level(first)}` },
      element('p', { class: 'group-head' }, chip, name, ' on ',
        first.layer ? plural(alarms.length, 'layer', 'layers') : plural(alarms.length, 'chain', 'chains')),
      element('ul', {}, ...rows.slice(0, alarms.length > SHOWN + 1 ? SHOWN : alarms.length)));
    if (alarms.length > SHOWN + 1) {
      const more = element('details', {}, element('summary', {}, `${alarms.length - SHOWN} more`), element('ul', {}, ...rows.slice(SHOWN)));
      more.open = this.#opened.has(key);
      more.addEventListener('toggle', () => (more.open ? this.#opened.add(key) : this.#opened.delete(key)));
      node.append(more);
    }
    return node;
  }

  #alarm(alarm, what, now) {
    const judged = alarm.value === null ? '' : `${number(alarm.value)} against ${number(alarm.threshold)}`;
    return element('li', { class: `alarm ${level(alarm)}` },
      what, ' ',
      element('span', { class: 'reason' }, alarm.reason), ' ',
      ...(alarm.projectedStep ? [element('span', { class: 'projected' }, `trap at step ${integer(alarm.projectedStep)}`), ' '] : []),
      element('span', { class: 'since muted', title: judged },
        `${alarm.state} since step ${integer(alarm.sinceStep)} · ${age(now - alarm.since)} ago`));
  }

  #change(alarm, now) {
    return element('li', { class: alarm.state },
      element('span', { class: 'muted' }, `step ${integer(alarm.sinceStep)} · ${age(now - alarm.since)} ago `),
      element('strong', {}, alarm.alarm), ' on ', this.#place(alarm), ' became ', element('span', { class: 'word' }, alarm.state));
  }

  #place(alarm) {
    if (!alarm.layer) return element('span', { class: 'place' }, alarm.chain ? `chain ${alarm.chain}` : 'run');
    return element('button', { type: 'button', class: 'link place', onclick: () => this.#onLayer(alarm.layer) }, alarm.layer);
  }
}

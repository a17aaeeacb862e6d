// What is wrong now, loudest first, and what changed. The same alarm on many layers of a run is one group.

import { element, setText } from '/assets/dom.js';
import { age, integer, number, plural } from '/assets/format.js';
import { format } from '/assets/route.js';

/** Alarms of a group that show without opening it. */
const SHOWN = 3;
const SHOWN_CHANGES = 100;

function level(alarm) {
  return alarm.state === 'firing' ? alarm.severity : 'pending';
}

/** In order of their first alarm. */
function groups(alarms) {
  const found = new Map();
  for (const alarm of alarms) {
    const key = JSON.stringify([alarm.run, alarm.alarm, alarm.state, alarm.severity, Boolean(alarm.silencedUntil)]);
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(alarm);
  }
  return found;
}

/** The alarms in words; with the names of their runs when those of several are shown. */
export class Alarms {
  #options;
  #groups = element('div', { class: 'groups' });
  #said = element('p', { class: 'hidden', 'aria-live': 'polite' });
  #none = element('p', { class: 'muted' });
  #changes = element('ol', { class: 'changes' });
  #details;
  #opened = new Set();
  #rendered = '';

  /** options: runs (whether to say which run), silence(alarms): asks to silence them; open: changes are shown. */
  constructor(container, options) {
    this.#options = options;
    this.#details = element('details', {}, element('summary', {}, 'Last changes'), this.#changes);
    this.#details.open = Boolean(options.open);
    container.append(this.#said, this.#none, this.#groups, this.#details);
  }

  /** `none` is said when nothing stands. */
  render(standing, changes, none, now) {
    // built anew only when it would look different, so that what is open or focused stays so
    const looks = JSON.stringify([none, Math.floor(now / 10_000), standing, changes]);
    if (looks === this.#rendered) return;
    this.#rendered = looks;
    const names = [...new Set(standing.filter(({ state }) => state === 'firing').map(({ alarm }) => alarm))];
    setText(this.#said, names.length ? `firing: ${names.join(', ')}` : none);
    this.#none.hidden = standing.length > 0;
    this.#none.textContent = none;
    const focused = this.#groups.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.#groups.replaceChildren(...[...groups(standing)].map(([key, alarms]) => this.#group(key, alarms, now)));
    if (focused) [...this.#groups.querySelectorAll('a, button, summary')].find((node) => node.textContent === focused)?.focus();
    this.#details.hidden = changes.length === 0;
    this.#changes.replaceChildren(...changes.slice(0, SHOWN_CHANGES).map((alarm) => this.#change(alarm, now)));
  }

  #group(key, alarms, now) {
    const [first] = alarms;
    const silenced = alarms.every(({ silencedUntil }) => silencedUntil);
    const head = [
      element('span', { class: 'chip' }, first.state === 'firing' ? first.severity : 'pending'),
      element('strong', {}, first.alarm),
      ...(this.#options.runs ? [' in ', element('a', { class: 'place', href: format({ run: first.run }) }, first.run)] : []),
      ' on ',
    ];
    const tail = silenced
      ? element('span', { class: 'silenced' }, `silenced for ${age(first.silencedUntil - now)} more`)
      : element('button', { type: 'button', class: 'small', onclick: () => this.#options.silence(alarms) }, 'Silence…');
    const words = alarms.every(({ reasonStep }) => reasonStep !== undefined) ? 'as it was when it fired:' : 'as it was when its projection was last told:';
    const then = first.state === 'firing' ? [' ', element('span', { class: 'muted' }, words)] : [];
    const className = `group ${level(first)}${silenced ? ' quiet' : ''}`;
    if (alarms.length === 1) {
      return element('div', { class: className },
        element('p', { class: 'group-head' }, ...head, this.#place(first), ' ', tail, ...then),
        element('ul', { class: 'single' }, this.#alarm(first, null, now)));
    }
    const rows = alarms.map((alarm) => this.#alarm(alarm, this.#place(alarm), now));
    const node = element('div', { class: className },
      element('p', { class: 'group-head' }, ...head,
        first.layer ? plural(alarms.length, 'layer', 'layers') : plural(alarms.length, 'chain', 'chains'), ' ', tail, ...then),
      element('ul', {}, ...rows.slice(0, alarms.length > SHOWN + 1 ? SHOWN : alarms.length)));
    if (alarms.length > SHOWN + 1) {
      const more = element('details', {}, element('summary', {}, `${alarms.length - SHOWN} more`), element('ul', {}, ...rows.slice(SHOWN)));
      more.open = this.#opened.has(key);
      more.addEventListener('toggle', () => (more.open ? this.#opened.add(key) : this.#opened.delete(key)));
      node.append(more);
    }
    return node;
  }

  #alarm(alarm, place, now) {
    const judged = alarm.value === null ? '' : `${number(alarm.value)} against ${number(alarm.threshold)}`;
    return element('li', { class: `alarm ${level(alarm)}` },
      ...(place ? [place, ' '] : []),
      element('span', { class: 'reason' }, alarm.reason), ' ',
      element('span', { class: 'since muted', title: judged },
        `${alarm.state} since step ${integer(alarm.sinceStep)} · ${age(now - alarm.since)} ago`));
  }

  #change(alarm, now) {
    return element('li', { class: alarm.state },
      element('span', { class: 'muted' }, `step ${integer(alarm.sinceStep)} · ${age(now - alarm.since)} ago `),
      ...(this.#options.runs ? [element('a', { class: 'place', href: format({ run: alarm.run }) }, alarm.run), ' '] : []),
      element('strong', {}, alarm.alarm), ' on ', this.#place(alarm), ' became ', element('span', { class: 'word' }, alarm.state),
      ...(alarm.state === 'inactive' ? [] : [': ', alarm.reason]));
  }

  #place(alarm) {
    if (!alarm.layer) return element('span', { class: 'place' }, alarm.chain ? `chain ${alarm.chain}` : 'the run');
    return element('a', { class: 'place', href: format({ run: alarm.run, layer: alarm.layer, step: alarm.sinceStep }) }, alarm.layer);
  }
}

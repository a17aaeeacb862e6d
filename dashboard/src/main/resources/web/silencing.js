// The form that silences alarms for a while, and the list of what is silenced.

import { getJson, send } from '/assets/api.js';
import { byId, element, setText } from '/assets/dom.js';
import { age } from '/assets/format.js';

export class Silencing {
  #shell;
  #alarms = [];
  #silences = [];
  #list = byId('silences');

  constructor(shell) {
    this.#shell = shell;
    byId('silence-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#post();
    });
    byId('silence-cancel').addEventListener('click', () => byId('silence').close());
  }

  /** Opens the form for those alarms, which are the same one on some layers of a run. */
  ask(alarms) {
    this.#alarms = alarms;
    const [{ run, alarm, layer }] = alarms;
    setText(byId('silence-what'), `${alarm} in ${run}`);
    const one = alarms.length === 1 && layer;
    byId('silence-scope').hidden = !one;
    if (one) setText(byId('silence-one'), layer);
    setText(byId('silence-error'), '');
    byId('silence').showModal();
    byId('silence-reason').focus();
  }

  async #post() {
    const [{ run, alarm, layer }] = this.#alarms;
    const one = !byId('silence-scope').hidden && byId('silence-only').checked;
    try {
      await send('POST', '/api/v1/silences', {
        run,
        alarm,
        layer: one ? layer : '*',
        seconds: Number(byId('silence-seconds').value),
        reason: byId('silence-reason').value.trim(),
      });
      byId('silence').close();
      byId('silence-reason').value = '';
      this.read();
      this.silenced?.();
    } catch (error) {
      setText(byId('silence-error'), error.message);
    }
  }

  async read() {
    try {
      this.#silences = (await getJson('/api/v1/silences'))?.silences ?? [];
    } catch (error) {
      this.#shell.failed(error);
    }
    this.draw();
  }

  told(silences) {
    this.#silences = silences;
    this.draw();
  }

  async #end(id) {
    try {
      await send('DELETE', `/api/v1/silences/${encodeURIComponent(id)}`);
      setText(byId('silences-error'), '');
      this.read();
      this.silenced?.();
    } catch (error) {
      setText(byId('silences-error'), error.message);
    }
  }

  draw() {
    const now = this.#shell.now();
    const standing = this.#silences.filter(({ until }) => until > now);
    byId('silences-none').hidden = standing.length > 0;
    const looks = JSON.stringify([standing, Math.floor(now / 10_000)]);
    if (this.#list.dataset.looks === looks) return;
    this.#list.dataset.looks = looks;
    this.#list.replaceChildren(...standing.map((silence) => element('li', {},
      element('strong', {}, silence.alarm === '*' ? 'every alarm' : silence.alarm), ' of ',
      element('span', { class: 'place' }, silence.run === '*' ? 'every run' : silence.run),
      ...(silence.layer === '*' ? [] : [' on ', element('span', { class: 'place' }, silence.layer)]),
      ` for ${age(silence.until - now)} more, by ${silence.by}: ${silence.reason} `,
      element('button', { type: 'button', class: 'small', onclick: () => this.#end(silence.id) }, 'End it'))));
  }
}

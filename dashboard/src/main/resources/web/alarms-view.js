// The alarms of all runs: active and past, and what is silenced.

import { getJson } from '/assets/api.js';
import { byId } from '/assets/dom.js';
import { Alarms } from '/assets/alarms.js';
import { byTrouble } from '/assets/model.js';
import { Silencing } from '/assets/silencing.js';

const AGAIN_MILLIS = 1000;
const TRY_AGAIN_MILLIS = 5000;

export class AlarmsView {
  #shell;
  #alarms;
  #silencing;
  #json = null;
  #again = null;

  constructor(shell) {
    this.#shell = shell;
    this.#silencing = shell.silencing = new Silencing(shell);
    this.#silencing.silenced = () => this.#read();
    this.#alarms = new Alarms(byId('all-alarms'), { runs: true, open: true, silence: (alarms) => this.#silencing.ask(alarms) });
  }

  follows() {
    return { runs: [], only: ['alarm', 'forgotten', 'silence'] };
  }

  open() {
    this.#read();
    this.#silencing.read();
  }

  reset() {
    this.open();
  }

  /** Many alarms that change at once are one reading. */
  heard(type, data) {
    if (type === 'silence') this.#silencing.told(data.silences);
    this.#again ??= setTimeout(() => {
      this.#again = null;
      this.#read();
    }, AGAIN_MILLIS);
  }

  async #read() {
    try {
      this.#json = await getJson('/api/v1/alarms');
    } catch (error) {
      this.#shell.failed(error);
      this.#again ??= setTimeout(() => {
        this.#again = null;
        this.#read();
      }, TRY_AGAIN_MILLIS);
    }
    this.#shell.draw();
  }

  title() {
    return 'Alarms – ';
  }

  draw() {
    if (!this.#json) return;
    this.#alarms.render([...this.#json.alarms].sort(byTrouble), this.#json.changes, 'No alarm is pending or firing in any run.', this.#shell.now());
    this.#silencing.draw();
  }
}

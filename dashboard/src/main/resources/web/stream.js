// The stream of events, opened again whenever it breaks, from where it broke.

const EVENTS = ['verdict', 'chain', 'alarm', 'silence', 'forgotten', 'reset', 'alive'];
/** The monitor says something every 15 s; silence of more than two of them is a dead connection. */
const SILENCE_MILLIS = 40_000;
const FIRST_PAUSE_MILLIS = 500;
const LONGEST_PAUSE_MILLIS = 8_000;
const LOST_AFTER_MILLIS = 20_000;

export class Stream {
  #source = null;
  #query = null;
  #lastId = null;
  #pause = FIRST_PAUSE_MILLIS;
  #retry = null;
  #brokenAt = null;
  #heardAt = Date.now();

  /**
   * Calls onEvent(type, data, { again, fresh }) for each event and onState when `state` may have changed. `again`: the
   * connection was broken before; `fresh`: it begins now, and what was before it must be read.
   */
  constructor(onEvent, onState) {
    this.onEvent = onEvent;
    this.onState = onState;
    this.state = 'connecting';
    setInterval(() => this.#watch(), 1000);
  }

  /** Follows those runs, or all where none is named; of the kinds in `only`, or all; nothing is missed in between. */
  follow(runs, only = []) {
    const query = new URLSearchParams([...runs.map((run) => ['run', run]), ...(only.length ? [['only', only.join(',')]] : [])]).toString();
    if (query === this.#query) return;
    this.#query = query;
    this.#open();
  }

  /** Milliseconds since it broke; 0 while it works. */
  get brokenMillis() {
    return this.#brokenAt === null ? 0 : Date.now() - this.#brokenAt;
  }

  get silentMillis() {
    return Date.now() - this.#heardAt;
  }

  #open() {
    clearTimeout(this.#retry);
    this.#source?.close();
    let fresh = this.#lastId === null;
    const last = fresh ? '' : `${this.#query ? '&' : ''}lastEventId=${this.#lastId}`;
    const source = new EventSource(`/api/v1/stream?${this.#query}${last}`);
    this.#source = source;
    this.#heardAt = Date.now();
    for (const type of EVENTS) {
      source.addEventListener(type, (event) => {
        if (source !== this.#source) return;
        if (event.lastEventId) this.#lastId = event.lastEventId;
        this.#heardAt = Date.now();
        this.#pause = FIRST_PAUSE_MILLIS;
        const again = this.#brokenAt !== null;
        this.#brokenAt = null;
        this.#become('live');
        this.onEvent(type, JSON.parse(event.data), { again, fresh });
        fresh = false;
      });
    }
    source.onerror = () => {
      if (source === this.#source) this.#broke();
    };
  }

  #broke() {
    this.#source.close();
    this.#source = null;
    this.#brokenAt ??= Date.now();
    this.#become(this.brokenMillis > LOST_AFTER_MILLIS ? 'lost' : 'reconnecting');
    this.#retry = setTimeout(() => this.#open(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MILLIS);
  }

  #watch() {
    if (this.#source && this.silentMillis > SILENCE_MILLIS) this.#broke();
    this.onState();
  }

  #become(state) {
    this.state = state;
    this.onState();
  }
}

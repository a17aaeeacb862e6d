// Which part of a run is seen, in steps or in time: one for all charts of a view, so that they move together.

const LEAST_POINTS = 2;

export class Span {
  #listeners = [];
  #whole = [0, 1];
  #interval = 1;
  #from = null;
  #to = null;
  #mode = 'step';

  /**
   * `listener(moved)` is called when what is seen has changed: by hand if moved, else because the run went on; until
   * what is returned is called.
   */
  listen(listener) {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((known) => known !== listener);
    };
  }

  /** 'step', or 'time' in milliseconds since 1970. */
  get mode() {
    return this.#mode;
  }

  set mode(mode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#from = this.#to = null;
  }

  /** All there is to see, and how far two of its points are apart. */
  extend(from, to, interval) {
    const before = this.range;
    this.#interval = Math.max(interval, Number.EPSILON);
    this.#whole = to > from ? [from, to] : [from - this.#interval, from];
    if (this.zoomed && !(this.#from < this.#whole[1] && this.#to > this.#whole[0])) this.#from = this.#to = null; // of a link to elsewhere
    const after = this.range;
    if (before[0] !== after[0] || before[1] !== after[1]) this.#tell(false);
  }

  get whole() {
    return this.#whole;
  }

  get zoomed() {
    return this.#from !== null;
  }

  get range() {
    return this.zoomed ? [this.#from, this.#to] : this.#whole;
  }

  /** What the address bar says of it, in whole steps or milliseconds: nothing of the whole. */
  get said() {
    const [from, to] = this.range.map((place) => Math.max(0, Math.round(place)));
    return this.zoomed ? { from, to } : { from: undefined, to: undefined };
  }

  /** Shows that part, or all of it. */
  show(from, to) {
    const [low, high] = this.#whole;
    const least = Math.min(LEAST_POINTS * this.#interval, high - low);
    const width = Math.min(Math.max(to - from, least), high - low);
    const begin = Math.min(Math.max(from - Math.max(0, width - (to - from)) / 2, low), high - width);
    if (width >= high - low) this.#from = this.#to = null;
    else [this.#from, this.#to] = [begin, begin + width];
    this.#tell(true);
  }

  /** As a link says it, before anything is known of the run. */
  begin(from, to) {
    [this.#from, this.#to] = from === undefined ? [null, null] : [from, to];
  }

  reset() {
    this.#from = this.#to = null;
    this.#tell(true);
  }

  /** Makes what is seen that many times as wide; what is at `at` stays where it is. */
  zoom(factor, at = null) {
    const [from, to] = this.range;
    const middle = at ?? (from + to) / 2;
    this.show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }

  /** Moves by that part of what is seen. */
  pan(part) {
    if (!this.zoomed) return;
    const [from, to] = this.range;
    const by = part * (to - from);
    this.show(from + by, to + by);
  }

  #tell(moved) {
    this.#listeners.forEach((listener) => listener(moved));
  }
}

// One figure of all layers of a run over its steps, as the monitor pools it: column after column, the highest and the
// lowest values of each layer. NaN is an undefined figure, -Infinity no verdict.

const MAGIC = 0x31475753; // 'SWG1'

export class Grid {
  /** From the bytes of /api/v1/runs/{run}/grid. */
  constructor(bytes) {
    const view = new DataView(bytes);
    if (view.getUint32(0, true) !== MAGIC) throw new Error('not a grid');
    const length = view.getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
    const { columns } = header;
    this.figure = header.figure;
    this.attempt = header.attempt;
    this.layers = header.layers;
    this.stride = header.stride;
    this.rows = new Map(this.layers.map((layer, row) => [layer, row]));
    let at = 8 + length;
    this.steps = [...new Float64Array(bytes, at, columns)];
    at += 8 * columns;
    this.times = [...new Float64Array(bytes, at, columns)];
    at += 8 * columns;
    const slices = () => {
      const found = [];
      for (let column = 0; column < columns; column++, at += 4 * this.layers.length) {
        found.push(new Float32Array(bytes, at, this.layers.length));
      }
      return found;
    };
    this.highest = slices();
    this.lowest = header.pooled ? slices() : this.highest.slice();
    /** Columns from here on have changed since they were drawn last. */
    this.changedFrom = 0;
  }

  get columns() {
    return this.steps.length;
  }

  /** Where the columns end, in steps or in time. */
  places(mode) {
    return mode === 'time' ? this.times : this.steps;
  }

  /** Whether it has all that a span shows, but for a column at each end. */
  covers(span) {
    const places = this.places(span.mode);
    if (!places.length) return false;
    const interval = this.interval(span.mode);
    const [from, to] = span.range;
    const [low, high] = span.whole;
    return places[0] - interval <= Math.max(from, low) + interval && places.at(-1) >= Math.min(to, high) - interval;
  }

  /** How far two columns are apart, on average. */
  interval(mode) {
    const places = this.places(mode);
    return places.length > 1 ? Math.max((places.at(-1) - places[0]) / (places.length - 1), mode === 'time' ? 1 : 1e-9) : 1;
  }

  /** Where a column begins: behind the one before it, but a pause of the run stays a gap. */
  left(column, mode) {
    const places = this.places(mode);
    const interval = this.interval(mode);
    if (column === 0) return places[0] - interval;
    return mode === 'time' ? Math.max(places[column - 1], places[column] - 4 * interval) : places[column - 1];
  }

  /** Index of the column that covers a place; the last one before it in a gap; -1 before the first. */
  columnAt(place, mode) {
    const places = this.places(mode);
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle] < place) low = middle + 1;
      else high = middle;
    }
    if (low === places.length) return places.length - 1;
    return this.left(low, mode) <= place ? low : low - 1;
  }

  /** Takes a verdict in; false when the grid must be read again for it. */
  put(verdict) {
    const row = this.rows.get(verdict.layer);
    const last = this.steps.at(-1) ?? -1;
    if (row === undefined || verdict.attempt > this.attempt) return false;
    if (verdict.attempt < this.attempt) return true;
    if (verdict.step > last) {
      this.steps.push(verdict.step);
      this.times.push(Math.max(verdict.appended, this.times.at(-1) ?? 0));
      const column = new Float32Array(this.layers.length).fill(-Infinity);
      this.highest.push(column);
      this.lowest.push(column);
    }
    const column = this.#columnOf(verdict.step);
    if (column < 0) return false; // one that came late, between others
    const value = verdict[this.figure];
    const known = value ?? (value === null && this.figure === 'effectiveDepth' && verdict.detailGain !== null ? Infinity : NaN);
    const [highest, lowest] = [this.highest[column], this.lowest[column]];
    const pools = highest !== lowest && highest[row] !== -Infinity && !Number.isNaN(highest[row]);
    if (!pools) highest[row] = lowest[row] = known;
    else if (!Number.isNaN(known)) [highest[row], lowest[row]] = [Math.max(highest[row], known), Math.min(lowest[row], known)];
    this.changedFrom = Math.min(this.changedFrom, column);
    return true;
  }

  /** The column that a step belongs to: its own, or of pooled ones that which covers it; -1 of none. */
  #columnOf(step) {
    const at = this.columnAt(step, 'step');
    return at >= 0 && (this.steps[at] === step || this.highest[at] !== this.lowest[at]) ? at : -1;
  }

  /** Training went back to before that step: what a layer had from there on was of the attempt before. */
  cut(layer, step) {
    const row = this.rows.get(layer);
    if (row === undefined) return;
    for (let column = this.steps.findIndex((known) => known >= step); column >= 0 && column < this.columns; column++) {
      this.highest[column][row] = this.lowest[column][row] = -Infinity;
      this.changedFrom = Math.min(this.changedFrom, column);
    }
  }

  /** The extreme over all layers of each column, as [places, values]; null where nothing is defined. */
  extremes(lowest) {
    const source = lowest ? this.lowest : this.highest;
    return source.map((column) => {
      let found = null;
      for (const value of column) {
        if (Number.isNaN(value) || value === -Infinity) continue;
        if (found === null || (lowest ? value < found : value > found)) found = value;
      }
      return found;
    });
  }
}

// The row and the place that keys have chosen on a heatmap.

export class HeatmapCursor {
  #span;
  row = null;
  place = null;

  constructor(span) {
    this.#span = span;
  }

  leave() {
    this.row = this.place = null;
  }

  /** Moves over the rows (up to `last`) and the columns of a grid, or zooms, as the key says; whether it said anything. */
  press(key, last, grid) {
    const rows = { ArrowDown: this.row === null ? 0 : this.row + 1, ArrowUp: (this.row ?? 1) - 1, Home: 0, End: last, PageDown: (this.row ?? 0) + 10, PageUp: (this.row ?? 0) - 10 };
    const sideways = { ArrowLeft: -1, ArrowRight: 1 };
    if (key in rows) {
      this.row = Math.max(0, Math.min(last, rows[key]));
    } else if (key in sideways) {
      this.row ??= 0;
      this.#move(sideways[key], grid);
    } else if (key === '+' || key === '=') {
      this.#span.zoom(0.5, this.place);
    } else if (key === '-') {
      this.#span.zoom(2, this.place);
    } else if (key === '0') {
      this.#span.reset();
    } else {
      return false;
    }
    return true;
  }

  #move(by, grid) {
    const places = grid.places(this.#span.mode);
    const at = this.place === null ? places.length : grid.columnAt(this.place, this.#span.mode);
    this.place = places[Math.max(0, Math.min(places.length - 1, at + by))];
    const [from, to] = this.#span.range;
    if (this.place < from || this.place > to) this.#span.pan(by * 0.5);
  }
}

// The cells of a grid as a picture of its own, one pixel of the screen for each column of pixels and one for each layer.

import { ABSENT, FIRST } from '/assets/scales.js';

/** The columns of the shades of a grid, made when they are first drawn. */
class Shades {
  #grid = null;
  #scale = null;
  highest = [];
  lowest = [];

  of(grid, scale) {
    if (grid !== this.#grid || scale !== this.#scale) {
      [this.#grid, this.#scale] = [grid, scale];
      this.highest = [];
      this.lowest = [];
      grid.changedFrom = 0;
    }
    for (let column = Math.min(grid.changedFrom, this.highest.length); column < grid.columns; column++) {
      this.highest[column] = this.#shade(grid.highest[column]);
      this.lowest[column] = grid.lowest[column] === grid.highest[column] ? this.highest[column] : this.#shade(grid.lowest[column]);
    }
    this.highest.length = this.lowest.length = grid.columns;
    grid.changedFrom = grid.columns;
    return this;
  }

  #shade(values) {
    const codes = new Uint16Array(values.length);
    for (let row = 0; row < values.length; row++) codes[row] = this.#scale.code(values[row]);
    return codes;
  }
}

/** Red is hatched too, for eyes that do not tell it from the rest: of so many pixels so many less one are dark. */
const HATCH = 8;
const HATCHED = 2;

export class Cells {
  #shades = [new Shades(), new Shades()];
  #canvas = document.createElement('canvas');
  #image = null;

  /**
   * Paints `rows` layers from `first` on, over what lies in [from, to], `pixels` wide. Where several columns share a
   * pixel the extreme shows. `slot` 0 and 1 keep what is known of two grids.
   */
  paint(grid, slot, { scale, lowest, mode, from, to, pixels, first, rows }) {
    const shades = this.#shades[slot].of(grid, scale);
    const context = this.#canvas.getContext('2d');
    if (this.#canvas.width !== pixels || this.#canvas.height !== rows || !this.#image) {
      this.#canvas.width = pixels;
      this.#canvas.height = rows;
      this.#image = context.createImageData(pixels, rows);
    }
    const out = new Uint32Array(this.#image.data.buffer);
    const { colours } = scale;
    const codes = lowest ? shades.lowest : shades.highest;
    const places = grid.places(mode);
    const width = (to - from) / pixels;
    let begin = 0;
    let before = [-1, -1];
    const shown = new Uint16Array(rows);
    const bad = new Uint32Array(rows); // how many pixels on end
    for (let x = 0; x < pixels; x++) {
      const [low, high] = [from + x * width, from + (x + 1) * width];
      while (begin < places.length && places[begin] <= low) begin++;
      let end = begin;
      while (end < places.length && grid.left(end, mode) < high) end++;
      if (x === 0 || begin !== before[0] || end !== before[1]) {
        for (let row = 0; row < rows; row++) shown[row] = extreme(codes, begin, end, first + row, lowest);
      }
      before = [begin, end];
      for (let row = 0; row < rows; row++) {
        const code = shown[row];
        bad[row] = scale.isBadCode(code) ? bad[row] + 1 : 0;
        out[row * pixels + x] = bad[row] % HATCH > HATCH - HATCHED ? scale.hatch : colours[code];
      }
    }
    context.putImageData(this.#image, 0, 0);
    return this.#canvas;
  }
}

/** The extreme shade of a layer over some columns; absent or undefined only where nothing else is. */
function extreme(codes, begin, end, row, lowest) {
  let found = ABSENT;
  for (let column = begin; column < end; column++) {
    const code = codes[column][row];
    if (code < FIRST) found = found < FIRST ? Math.max(found, code) : found;
    else if (found < FIRST || (lowest ? code < found : code > found)) found = code;
  }
  return found;
}

// All that a view shows of one run, read once and then kept up with the stream.

import { getBytes, getJson, runPath } from '/assets/api.js';
import { Grid } from '/assets/grid.js';
import { CHAIN_COLUMNS, Run, Track, chainValues } from '/assets/model.js';

const POINTS = 1500;
const MOST_COLUMNS = 4096;
const AGAIN_MILLIS = 1000;
const TRY_AGAIN_MILLIS = 5000;
/** A hand that pauses for so long rests. */
const REST_MILLIS = 120;
/** Layers whose lines are kept, also while others are shown. */
const MOST_TRACKS = 12;

/** Columns that a screen can show, with something to spare for zooming. */
function columns() {
  return Math.min(MOST_COLUMNS, Math.max(400, Math.round(window.innerWidth * (window.devicePixelRatio || 1))));
}

export class RunFeed {
  #changed;
  #reading = 0;
  #waiting = null;
  #again = null;
  #zoomWanted = null;
  #zooming = false;
  #seen = '';
  #rest = null;

  /** `changed()` is called when there is something new to show. */
  constructor(name, figure, changed) {
    this.name = name;
    this.figure = figure;
    this.#changed = changed;
    this.run = null;
    this.grid = null;
    this.zoomed = null;
    this.chainTracks = new Map();
    this.layerTracks = new Map();
    /** Keys of the figures that layers' tracks have; null: all. */
    this.trackFigures = null;
    /** Whether the monitor knows nothing of such a run. */
    this.unknown = false;
    this.closed = false;
  }

  close() {
    this.closed = true;
    clearTimeout(this.#again);
    clearTimeout(this.#rest);
  }

  /** Reads the run whole; what the stream says meanwhile is taken in afterwards. */
  async read() {
    const mine = ++this.#reading;
    this.#waiting = [];
    const { figure } = this;
    try {
      const [json, bytes] = await Promise.all([
        getJson(runPath(this.name)),
        getBytes(runPath(this.name, '/grid', { figure, columns: columns() })),
      ]);
      if (mine !== this.#reading || this.closed) return;
      this.unknown = json === null;
      this.run = json && bytes ? new Run(json) : null;
      if (figure === this.figure) this.grid = bytes ? new Grid(bytes) : null;
      this.zoomed = null;
      this.#seen = '';
      this.#changed(); // the rest need not be waited for
      const { trackFigures } = this;
      const [tracks, layers] = await Promise.all([
        Promise.all((json?.chainVerdicts ?? []).map(({ chain }) => getJson(runPath(this.name, '/history', { chain, points: POINTS })))),
        Promise.all([...this.layerTracks.keys()].map((layer) => this.#layerTrack(layer))),
      ]);
      if (mine !== this.#reading || this.closed) return;
      this.chainTracks = new Map(tracks.filter(Boolean).map((track) => [track.chain, new Track(track, CHAIN_COLUMNS)]));
      if (trackFigures === this.trackFigures) this.layerTracks = new Map(layers);
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting.forEach(([type, data]) => this.take(type, data));
    } catch (error) {
      if (mine !== this.#reading) return;
      this.#waiting = null;
      this.#readAgain(TRY_AGAIN_MILLIS);
      throw error;
    }
    this.#changed();
  }

  /** Shows another figure of the same run, and has those in the layers' tracks. */
  async choose(figure, trackFigures) {
    if (figure === this.figure) return;
    this.figure = figure;
    this.trackFigures = trackFigures;
    this.layerTracks = new Map(); // what is on its way belongs to the old one
    try {
      await this.#readGrid();
    } catch (error) {
      this.#readAgain(TRY_AGAIN_MILLIS);
      throw error;
    }
  }

  async #readGrid() {
    const { figure } = this;
    const bytes = await getBytes(runPath(this.name, '/grid', { figure, columns: columns() }));
    if (figure !== this.figure || this.closed || !bytes) return;
    this.grid = new Grid(bytes);
    this.zoomed = null;
    this.#seen = '';
    this.#changed();
  }

  /** That part is seen now: once the hand rests it is read again, finer. */
  see(span) {
    const seen = span.zoomed && this.grid ? JSON.stringify([this.grid.figure, span.mode, span.range]) : '';
    if (seen === this.#seen) return;
    this.#seen = seen;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#zoom(span), REST_MILLIS);
  }

  /** Reads what is zoomed into at the screen's resolution, with as much beside it for panning. */
  async #zoom(span) {
    if (!span.zoomed || !this.grid || this.grid.stride <= 1) {
      this.zoomed = null;
      return;
    }
    const [from, to] = span.range;
    const width = to - from;
    let [low, high] = [from - width / 2, to + width / 2];
    if (span.mode === 'time') [low, high] = [low, high].map((time) => this.grid.steps[Math.max(0, this.grid.columnAt(time, 'time'))]);
    this.#zoomWanted = { figure: this.figure, from: Math.max(0, Math.floor(low)), to: Math.ceil(high), columns: 2 * columns() };
    if (this.#zooming) return;
    this.#zooming = true;
    try {
      while (this.#zoomWanted) {
        const wanted = this.#zoomWanted;
        this.#zoomWanted = null;
        const bytes = await getBytes(runPath(this.name, '/grid', wanted));
        if (bytes && !this.closed && wanted.figure === this.figure) this.zoomed = new Grid(bytes);
      }
    } catch {
      // the coarser one stays
    } finally {
      this.#zooming = false;
    }
    this.#changed();
  }

  async #layerTrack(layer) {
    const json = await getJson(runPath(this.name, '/history', { layer, points: POINTS, figures: this.trackFigures?.join(',') }));
    return [layer, json && new Track(json, Object.keys(json).filter((key) => Array.isArray(json[key]) && !/^(steps|times)$|(Min|Max)$/.test(key)))];
  }

  /** Keeps the tracks of those layers, and of no others. */
  async layers(names) {
    for (const layer of this.layerTracks.keys()) { // the ones that were wanted first
      if (this.layerTracks.size <= MOST_TRACKS) break;
      if (!names.includes(layer)) this.layerTracks.delete(layer);
    }
    const missing = names.filter((layer) => !this.layerTracks.has(layer));
    if (!missing.length) return;
    missing.forEach((layer) => this.layerTracks.set(layer, null));
    const { layerTracks } = this;
    try {
      for (const [layer, track] of await Promise.all(missing.map((layer) => this.#layerTrack(layer)))) {
        if (layerTracks.has(layer)) layerTracks.set(layer, track); // null: there is none
      }
      this.#changed();
    } catch {
      setTimeout(() => missing.forEach((layer) => {
        if (layerTracks.get(layer) === null) layerTracks.delete(layer);
      }), TRY_AGAIN_MILLIS);
    }
  }

  take(type, data) {
    if (data.run !== this.name) return;
    if (this.#waiting) {
      this.#waiting.push([type, data]);
      return;
    }
    if (!this.run) {
      if (type !== 'forgotten') this.#readAgain();
      return;
    }
    if (type === 'verdict') this.#verdict(data);
    else if (type === 'chain') this.#chain(data);
    else if (type === 'alarm') this.run.alarm(data);
    else if (type === 'forgotten') {
      this.run = null;
      this.unknown = true;
    }
    this.#changed();
  }

  #verdict(verdict) {
    const known = this.run.verdicts.get(verdict.layer);
    if (!known && this.run.truncated) return; // one of those that are not kept
    this.run.verdict(verdict);
    if (known && verdict.attempt > known.attempt) this.grid?.cut(verdict.layer, verdict.step);
    if (this.grid && verdict.n > 1 && verdict.kind !== 'dense') {
      const reachesTheEnd = this.zoomed && this.zoomed.steps.at(-1) >= this.grid.steps.at(-1);
      if (!this.grid.put(verdict) || this.grid.columns > 2 * columns()) this.#readAgain();
      if (reachesTheEnd && !this.zoomed.put(verdict)) {
        this.zoomed = null;
        this.#seen = '';
      }
    }
    const track = this.layerTracks.get(verdict.layer);
    if (track && (!known || verdict.attempt > known.attempt || verdict.step > track.lastStep)) {
      track.add(verdict.step, verdict.appended, verdict);
      if (track.full) this.#readAgain();
    }
  }

  #chain(verdict) {
    const known = this.run.chains.get(verdict.chain);
    this.run.chain(verdict);
    let track = this.chainTracks.get(verdict.chain);
    if (!track) this.chainTracks.set(verdict.chain, track = new Track(null, CHAIN_COLUMNS));
    if (!known || verdict.attempt > known.attempt || verdict.step > track.lastStep) {
      track.add(verdict.step, this.#timeOf(verdict.step), chainValues(verdict));
      if (track.full) this.#readAgain();
    }
  }

  /** When a step was published, as its layers tell. */
  #timeOf(step) {
    const column = this.grid?.columnAt(step, 'step') ?? -1;
    return column < 0 ? this.run.last : this.grid.times[column];
  }

  /** Reads all again soon: once for many reasons. */
  #readAgain(millis = AGAIN_MILLIS) {
    if (this.#again !== null || this.closed) return;
    this.#again = setTimeout(() => {
      this.#again = null;
      if (!this.closed) this.read().catch(() => {}); // the stream tells when the monitor is back
    }, millis);
  }
}

// The page: chooses the view that the address bar names, hands on what the stream says, draws a few times a second.

import { HttpError, getJson } from '/assets/api.js';
import { byId, setText } from '/assets/dom.js';
import { age } from '/assets/format.js';
import { format, parse, viewOf } from '/assets/route.js';
import { Stream } from '/assets/stream.js';
import { OverviewView } from '/assets/overview-view.js';
import { RunView } from '/assets/run-view.js';
import { LayerView } from '/assets/layer-view.js';
import { CompareView } from '/assets/compare-view.js';
import { AlarmsView } from '/assets/alarms-view.js';
import { HealthView } from '/assets/health-view.js';

const OVERVIEW_MILLIS = 3000;
/** Where it only tells how many alarms fire elsewhere. */
const ELSEWHERE_MILLIS = 15_000;
const DRAW_MILLIS = 250;
/** So long the stream is waited for before anything is read. */
const STREAM_MILLIS = 1500;

/** What views may ask of the page around them. */
const shell = {
  route: parse(location.hash),
  /** /api/v1/runs as it was last read; null before. */
  runs: null,
  lastSnapshotAt: null,
  /** Whether the monitor still reads what was before. */
  unready: false,
  clock: 0,
  tooltip: byId('tooltip'),

  /** The monitor's time. */
  now: () => Date.now() + shell.clock,

  /** Opens a view; the browser's back button leads back. */
  go(route) {
    const hash = format(route);
    if (hash === location.hash) return;
    history.pushState(null, '', hash);
    arrive();
  },

  /** Changes what is chosen within a view. */
  refine(changes) {
    shell.route = { ...shell.route, ...changes };
    history.replaceState(null, '', format(shell.route));
  },

  draw,
  drawNow,
  readRuns,
  failed,
};

const views = {
  overview: new OverviewView(shell),
  run: new RunView(shell),
  layer: new LayerView(shell),
  compare: new CompareView(shell),
  alarms: new AlarmsView(shell),
  health: new HealthView(shell),
};
let current = null;
let readingRuns = false;
let readAt = 0;

const stream = new Stream(heard, drawConnection);
let started = false;

/** Reads the overview, and what time it is at the monitor. */
async function readRuns() {
  if (readingRuns) return;
  readingRuns = true;
  readAt = performance.now();
  try {
    const [json, service] = await Promise.all([getJson('/api/v1/runs'), getJson('/api/v1/service')]);
    shell.clock = json.now - Date.now();
    shell.runs = json.runs;
    shell.unready = !service.ready;
    byId('unready').hidden = service.ready;
    setText(byId('unready'), `The monitor is not ready: ${service.reasons.join('; ')}. Until it is, what you see may be incomplete, or of the past.`);
    byId('denied').hidden = true;
    views[current].told?.();
    draw();
  } catch (error) {
    failed(error); // the stream tells when the monitor is back
  } finally {
    readingRuns = false;
  }
}

/** Says what a person can do about a failed reading; a broken connection is said elsewhere. */
function failed(error) {
  if (!(error instanceof HttpError)) return;
  const denied = error.status === 401 || error.status === 403;
  byId('denied').hidden = false;
  setText(byId('denied'), denied
    ? 'The monitor does not let you read any more: your credentials are no longer good. Reload the page to log in again.'
    : `The monitor could not answer (${error.status}). It is asked again every few seconds.`);
}

/** Shows what the address bar says. */
function arrive() {
  shell.route = parse(location.hash);
  const wanted = viewOf(shell.route);
  if (wanted !== current) {
    views[current]?.leave?.();
    current = wanted;
    shell.tooltip.hidden = true;
    for (const name of Object.keys(views)) byId(`view-${name}`).hidden = name !== wanted;
    for (const link of document.querySelectorAll('nav a')) {
      const here = link.dataset.view === wanted || (link.dataset.view === 'overview' && ['run', 'layer', 'compare'].includes(wanted));
      if (here) link.setAttribute('aria-current', link.dataset.view === wanted ? 'page' : 'true');
      else link.removeAttribute('aria-current');
    }
    scrollTo(0, 0);
  }
  shell.lastSnapshotAt = null;
  views[current].open(shell.route);
  const { runs, only } = views[current].follows();
  stream.follow(runs, only);
  drawNow();
}

function heard(type, data, { again, fresh }) {
  if (type === 'alive') {
    shell.clock = data.now - Date.now();
    if (!started) {
      start();
    } else {
      if (again || fresh) readRuns();
      if (fresh) views[current].reset?.();
    }
  } else if (!started) {
    start(); // what it says will be read
  } else if (type === 'reset') {
    readRuns();
    views[current].reset?.();
  } else {
    if (type === 'verdict') shell.lastSnapshotAt = Math.max(shell.lastSnapshotAt ?? 0, data.appended);
    views[current].heard?.(type, data);
    if (type === 'forgotten') readRuns();
  }
}

let drawnAt = 0;
let scheduled = false;

/** Draws soon, not more often than every DRAW_MILLIS. */
function draw() {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => requestAnimationFrame(() => {
    scheduled = false;
    drawNow();
  }), Math.max(0, DRAW_MILLIS - (performance.now() - drawnAt)));
}

function drawNow() {
  drawnAt = performance.now();
  document.title = `${views[current].title?.() ?? ''}sinkwatch`;
  views[current].draw();
  drawFiring();
  drawConnection();
}

function drawFiring() {
  const loud = (shell.runs ?? []).reduce((sum, { alarmCounts }) => sum + alarmCounts.critical + alarmCounts.warning, 0);
  byId('firing').hidden = loud === 0;
  setText(byId('firing'), String(loud));
  const quiet = (shell.runs ?? []).reduce((sum, { alarmCounts }) => sum + alarmCounts.info, 0);
  const said = `${loud} firing${quiet ? `, beside ${quiet} that are info` : ''}`;
  byId('firing').setAttribute('aria-label', said);
  byId('firing').title = said;
}

function drawConnection() {
  const { state } = stream;
  byId('connection').dataset.state = state;
  const shown = views[current]?.follows().runs ?? [];
  const known = (shell.runs ?? []).filter(({ run }) => shown.length === 0 || shown.includes(run));
  const last = shell.lastSnapshotAt ?? (known.length ? Math.max(...known.map((run) => run.last)) : null);
  const heardOf = last ? `last snapshot ${age(shell.now() - last)} ago` : 'no snapshot yet';
  const broken = age(stream.brokenMillis);
  setText(byId('connection-text'), {
    connecting: 'connecting',
    live: `live · ${heardOf}`,
    reconnecting: `reconnecting for ${broken}`,
    lost: `lost for ${broken}`,
  }[state]);
  const bad = state === 'reconnecting' || state === 'lost';
  setText(byId('connection-said'), state);
  byId('broken').hidden = !bad;
  document.body.classList.toggle('stale', bad);
  if (bad) setText(byId('broken'), 'The connection to the monitor is broken. What you see is as it was; it goes on by itself when the monitor is back.');
}

addEventListener('popstate', () => {
  if (started) arrive();
});
addEventListener('keydown', (event) => {
  if (!started || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (event.altKey || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === '?') byId('keys').showModal();
  else if (event.key === '/') document.querySelector(`#view-${current} input[type="search"]`)?.focus();
  else if (!views[current].key?.(event.key)) return;
  event.preventDefault();
});
byId('skip').addEventListener('click', (event) => {
  event.preventDefault(); // the fragment is the view's
  byId('main').focus();
});
byId('keys-open').addEventListener('click', () => byId('keys').showModal());
byId('keys-close').addEventListener('click', () => byId('keys').close());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const view of Object.values(views)) view.recolour?.();
  if (started) draw();
});
setInterval(() => {
  // a broken stream does not say why; a reading does
  const often = current === 'overview' || shell.unready || stream.state !== 'live';
  const due = often || performance.now() - readAt >= ELSEWHERE_MILLIS;
  if (started && due && !document.hidden) readRuns();
}, OVERVIEW_MILLIS);
document.addEventListener('visibilitychange', () => {
  if (started && !document.hidden) draw();
});

/** What is read must not be older than where the stream begins: else what happened in between would never show. */
function start() {
  if (started) return;
  started = true;
  arrive();
  readRuns();
}

stream.follow([], ['forgotten']);
setTimeout(start, STREAM_MILLIS);

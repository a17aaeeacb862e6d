// The address bar: which view, and what is chosen in it, so that a link brings anyone to the same view.

const LISTS = ['pin'];
const NUMBERS = ['from', 'to', 'step', 'index'];
const WORDS = ['view', 'run', 'other', 'layer', 'chain', 'figure', 'extreme', 'axis', 'scale'];

/** The views, with what must be known for each. */
export function viewOf(route) {
  if (['alarms', 'health', 'overview'].includes(route.view)) return route.view;
  if (route.run === undefined) return 'overview';
  if (route.other !== undefined) return 'compare';
  return route.layer === undefined ? 'run' : 'layer';
}

/** What a fragment says; what it does not say is undefined, lists are empty. Nonsense is left out. */
export function parse(fragment) {
  const said = new URLSearchParams(fragment.replace(/^#/, ''));
  const route = {};
  for (const key of WORDS) if (said.get(key)) route[key] = said.get(key);
  for (const key of NUMBERS) {
    const value = Number(said.get(key));
    if (said.get(key) && Number.isSafeInteger(value) && value >= 0) route[key] = value;
  }
  for (const key of LISTS) route[key] = said.getAll(key);
  if (!(route.from < route.to)) {
    delete route.from;
    delete route.to;
  }
  return route;
}

export function format(route) {
  const parts = [];
  for (const key of [...WORDS, ...NUMBERS, ...LISTS]) {
    for (const value of [route[key]].flat()) {
      if (value !== undefined && value !== null) parts.push(`${key}=${encodeURIComponent(value)}`);
    }
  }
  return parts.length ? `#${parts.join('&')}` : '#';
}

/** What stays when another view of the same run is opened. */
export function kept(route) {
  const { run, figure, extreme, axis, scale, from, to, step, chain, pin } = route;
  return { run, figure, extreme, axis, scale, from, to, step, chain, pin };
}

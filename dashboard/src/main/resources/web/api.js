// Reading from the monitor.

export class HttpError extends Error {
  constructor(path, status) {
    super(`${path}: ${status}`);
    this.status = status;
  }
}

async function fetched(path, options) {
  const response = await fetch(path, options);
  if (!response.ok && response.status !== 404) throw new HttpError(path, response.status);
  return response;
}

/** The object that is there; null where nothing is. */
export async function getJson(path) {
  const response = await fetched(path, { headers: { accept: 'application/json' } });
  return response.status === 404 ? null : response.json();
}

/** The bytes that are there; null where nothing is. */
export async function getBytes(path) {
  const response = await fetched(path);
  return response.status === 404 ? null : response.arrayBuffer();
}

/** Sends an object; the answer, or an Error whose message is the monitor's own line. */
export async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.ok) return response.status === 204 ? null : response.json();
  let line = `the monitor answered ${response.status}`;
  try {
    const said = await response.json();
    line = said.message ?? said.error ?? line;
  } catch {
    // not an answer of the monitor's own
  }
  throw new Error(line);
}

export function runPath(run, rest = '', query = {}) {
  const said = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null));
  const asked = said.toString();
  return `/api/v1/runs/${encodeURIComponent(run)}${rest}${asked ? `?${asked}` : ''}`;
}

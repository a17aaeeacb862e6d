// Where things are along an axis, and what is written there.

import { style } from '/assets/dom.js';
import { integer } from '/assets/format.js';

/** Index of the last step that is not beyond `step`; -1 before the first. */
export function indexAt(steps, step) {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Names without the parts between dots that all of them begin or end with. */
export function distinct(names) {
  const parts = names.map((name) => name.split('.'));
  const shortest = Math.min(...parts.map((part) => part.length));
  const shared = (at) => parts.every((part) => part.at(at) === parts[0].at(at));
  let begin = 0;
  while (names.length > 1 && begin < shortest - 1 && shared(begin)) begin++;
  let end = 0;
  while (names.length > 1 && end < shortest - 1 - begin && shared(-1 - end)) end++;
  return parts.map((part) => part.slice(begin, part.length - end).join('.'));
}

/** Its end, as far as it fits. */
export function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let keep = text.length - 1;
  while (keep > 1 && context.measureText(`…${text.slice(-keep)}`).width > width) keep--;
  return `…${text.slice(-keep)}`;
}

/** Round steps for an axis, about one every 90 pixels. */
export function ticks(from, to, width) {
  const rough = (to - from) / Math.max(1, Math.floor(width / 90));
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? 10 * power);
  const found = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) found.push(tick + 0); // not minus zero
  return found;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ROUND = [1, 2, 5, 10, 15, 30].map((n) => n * SECOND)
  .concat([1, 2, 5, 10, 15, 30].map((n) => n * MINUTE), [1, 2, 3, 6, 12].map((n) => n * HOUR), [1, 2, 7, 14, 28].map((n) => n * DAY));

/** Round times for an axis in milliseconds, local ones, about one every 110 pixels. */
export function timeTicks(from, to, width) {
  const rough = (to - from) / Math.max(1, Math.floor(width / 110));
  const step = ROUND.find((size) => size >= rough) ?? Math.ceil(rough / (28 * DAY)) * 28 * DAY;
  const offset = new Date(from).getTimezoneOffset() * MINUTE;
  const found = [];
  for (let tick = Math.ceil((from - offset) / step) * step + offset; tick <= to; tick += step) found.push(tick);
  return found;
}

const two = (value) => String(value).padStart(2, '0');

/** A local time in as many words as the width of the axis, in milliseconds, asks for. */
export function clock(millis, width) {
  const at = new Date(millis);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (width > 4 * DAY) return day;
  if (width > 18 * HOUR) return `${day.slice(5)} ${time}`;
  return width > 10 * MINUTE ? time : `${time}:${two(at.getSeconds())}`;
}

/** Draws the axis below a plot that begins at `gutter`, in steps or in time. */
export function drawAxis(context, { width, gutter, plot, from, to }, mode) {
  context.font = `11px ${style('--sans')}`;
  context.fillStyle = style('--muted');
  context.textBaseline = 'top';
  const time = mode === 'time';
  context.fillText(time ? 'time' : 'step', 2, 6);
  const found = time ? timeTicks(from, to, plot) : ticks(from, to, plot);
  for (const tick of found) {
    const x = gutter + ((tick - from) / (to - from)) * plot;
    context.fillRect(Math.min(x, width - 1), 0, 1, 4);
    const label = time ? clock(tick, to - from) : integer(tick);
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.max(gutter, Math.min(width - 2 * half, x - half)), 6);
  }
}

// Where alarms began: marks on what is drawn over the steps.

import { style } from '/assets/dom.js';

const COLOURS = { critical: '--bad', warning: '--warn', info: '--info' };

export function severityColour(severity) {
  return style(COLOURS[severity] ?? '--muted');
}

export function nameStrip(strip, height) {
  strip.font = `11px ${style('--sans')}`;
  strip.textBaseline = 'middle';
  strip.fillStyle = style('--muted');
  strip.fillText('alarms', 2, height / 2);
}

/** On a strip above: filled, hollow, and a ring, not told apart by colour alone. */
export function markStrip(strip, x, height, severity) {
  strip.fillStyle = strip.strokeStyle = severityColour(severity);
  strip.lineWidth = 1.5;
  strip.beginPath();
  if (severity === 'info') {
    strip.arc(x, height / 2, 3, 0, 2 * Math.PI);
  } else {
    strip.moveTo(x - 5, 2);
    strip.lineTo(x + 5, 2);
    strip.lineTo(x, height - 2);
    strip.closePath();
  }
  if (severity === 'critical') strip.fill();
  else strip.stroke();
}

/** On a row of that height, whose middle is at y. */
export function markRow(context, x, y, rowHeight, severity) {
  const critical = severity === 'critical';
  const [colour, panel] = [severityColour(severity), style('--panel')];
  context.strokeStyle = critical ? panel : colour;
  context.fillStyle = critical ? colour : panel;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(x, y, Math.max(2, Math.min(4, rowHeight / 2)), 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

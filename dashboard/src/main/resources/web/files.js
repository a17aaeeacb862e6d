// What is seen, as a file: numbers as CSV, pictures as PNG.

import { element } from '/assets/dom.js';

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = element('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function fileName(title, ending) {
  const words = title.normalize('NFKD').replaceAll('σ', 'sigma').replaceAll('₂', '2').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '');
  return `sinkwatch-${words.slice(0, 120) || 'data'}.${ending}`;
}

/** A text as a cell of CSV. Names that a spreadsheet would take for a formula are marked as text. */
export function cell(text) {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The view, as its title names it, without what changes: a picture says whose it is. */
export function owner() {
  const name = document.title.replace(/^\(\d+\) /, '').replace(/(^| – )sinkwatch$/, '');
  return name ? `${name}: ` : '';
}

/** Two small buttons; title(), csv() and picture() are asked for when one is pressed. */
export function exports(title, csv, picture) {
  return element('span', { class: 'exports' },
    element('button', { type: 'button', class: 'small', 'aria-label': 'Save what is seen as CSV', title: 'Save what is seen as CSV',
      onclick: () => save(fileName(title(), 'csv'), new Blob([csv()], { type: 'text/csv' })) }, 'CSV'),
    element('button', { type: 'button', class: 'small', 'aria-label': 'Save what is seen as PNG', title: 'Save what is seen as PNG',
      onclick: () => picture().toBlob((blob) => save(fileName(title(), 'png'), blob)) }, 'PNG'));
}

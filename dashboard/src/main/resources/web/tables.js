// A table whose cells change in place, sorted by a click on a heading.

import { element, setClass, setText } from '/assets/dom.js';

function compare(a, b) {
  const absent = (value) => value === null || value === undefined || Number.isNaN(value);
  if (absent(a) || absent(b)) return absent(a) - absent(b);
  return typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a - b;
}

export class Table {
  #options;
  #body;
  #headings;
  #rows = new Map();
  #sort = null;
  #rendered = null;

  /**
   * Columns: title, text(item, context), and optionally sort(item), className(item), tip(item), hint, numeric,
   * href(item): the cell that names the row and is a link, or toggle { label(item), checked(item), change(item, on) }:
   * a box instead of text. Items come in their natural order; `choose(key)` is called for a click on a row.
   */
  constructor(container, options) {
    this.#options = options;
    this.#body = element('tbody');
    this.#headings = options.columns.map((column, index) => element('th',
      { scope: 'col', class: column.numeric ? 'numeric' : null, title: column.hint },
      column.toggle ? element('span', {}, column.title) : element('button', { type: 'button', onclick: () => this.#sortBy(index) }, column.title)));
    container.replaceChildren(element('table', { 'aria-label': options.label },
      element('thead', {}, element('tr', {}, ...this.#headings)), this.#body));
  }

  render(items, selected = null, context = null) {
    this.#rendered = [items, selected, context];
    const { key } = this.#options;
    const ordered = this.#ordered(items);
    const kept = new Set();
    let before = null;
    for (const item of ordered) {
      const name = key(item);
      kept.add(name);
      let row = this.#rows.get(name);
      if (!row) this.#rows.set(name, row = this.#row(name));
      this.#fill(row, item, context);
      const chosen = name === selected;
      if (row.chosen !== chosen) {
        row.chosen = chosen;
        row.node.classList.toggle('selected', chosen);
      }
      const place = before ? before.nextSibling : this.#body.firstChild;
      if (place !== row.node) this.#body.insertBefore(row.node, place);
      before = row.node;
    }
    for (const [name, row] of this.#rows) {
      if (!kept.has(name)) {
        row.node.remove();
        this.#rows.delete(name);
      }
    }
  }

  #ordered(items) {
    if (!this.#sort) return items;
    const column = this.#options.columns[this.#sort.index];
    const value = column.sort ?? ((item) => column.text(item));
    return [...items].sort((a, b) => this.#sort.direction * compare(value(a), value(b)));
  }

  /** First click ascending, second descending, third the natural order. */
  #sortBy(index) {
    if (this.#sort?.index !== index) this.#sort = { index, direction: 1 };
    else this.#sort = this.#sort.direction === 1 ? { index, direction: -1 } : null;
    this.#headings.forEach((heading, i) => {
      if (this.#sort?.index === i) heading.setAttribute('aria-sort', this.#sort.direction === 1 ? 'ascending' : 'descending');
      else heading.removeAttribute('aria-sort');
    });
    if (this.#rendered) this.render(...this.#rendered);
  }

  #row(name) {
    const { columns, choose } = this.#options;
    const row = { item: null, context: null, chosen: null, targets: [] };
    const chosen = (event) => {
      if (!event.target.closest('a, input')) choose(name);
    };
    row.node = element('tr', choose ? { onclick: chosen, class: 'chooses' } : {});
    for (const column of columns) {
      const cell = element(column.href ? 'th' : 'td', { scope: column.href ? 'row' : null });
      let target = cell;
      if (column.href) cell.append(target = element('a'));
      if (column.toggle) cell.append(target = element('input', { type: 'checkbox', onchange: () => column.toggle.change(row.item, target.checked) }));
      row.targets.push({ cell, target });
      row.node.append(cell);
    }
    return row;
  }

  #fill(row, item, context) {
    if (row.item === item && row.context === context && !this.#options.columns.some(({ toggle }) => toggle)) return;
    row.item = item;
    row.context = context;
    this.#options.columns.forEach((column, i) => {
      const { cell, target } = row.targets[i];
      if (column.toggle) {
        target.checked = column.toggle.checked(item);
        target.setAttribute('aria-label', column.toggle.label(item));
        return;
      }
      setText(target, column.text(item, context));
      const href = column.href?.(item);
      if (href && target.getAttribute('href') !== href) target.setAttribute('href', href);
      const name = [column.numeric ? 'numeric' : '', column.className?.(item) ?? ''].join(' ').trim();
      setClass(cell, name);
      const tip = column.tip?.(item) ?? '';
      if (cell.title !== tip) cell.title = tip;
    });
  }
}

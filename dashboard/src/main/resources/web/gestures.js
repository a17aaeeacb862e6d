// Hands on a picture of a span: dragging selects a part of it or moves it, the wheel and two fingers zoom, a tap is a tap.

const DRAG_PIXELS = 5;
const WHEEL = 0.0018;

export class Gestures {
  #span;
  #on;
  #pointers = new Map();
  #drag = null;

  /**
   * on: ready(), x(event) (of the picture), place(x) (in the span), width() (of the picture), and what is to be done:
   * tap(event), hover(event), leave(event or nothing), draw().
   */
  constructor(targets, span, on) {
    this.#span = span;
    this.#on = on;
    for (const target of targets) {
      target.addEventListener('pointerdown', (event) => this.#down(event));
      target.addEventListener('pointermove', (event) => this.#move(event));
      target.addEventListener('pointerup', (event) => this.#up(event));
      target.addEventListener('pointercancel', (event) => this.#cancel(event));
      target.addEventListener('pointerleave', (event) => on.leave(event));
      target.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    }
  }

  /** What is being selected, from and to in pixels; null of nothing. */
  get selected() {
    return this.#drag?.selects ? [Math.min(this.#drag.x, this.#drag.to), Math.max(this.#drag.x, this.#drag.to)] : null;
  }

  #down(event) {
    if (!this.#on.ready() || (event.button !== 0 && event.button !== 1)) return;
    event.target.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, event.clientX);
    const x = this.#on.x(event);
    this.#drag = { x, to: x, pans: event.shiftKey || event.button === 1 || event.pointerType === 'touch', selects: false, moved: false };
  }

  #move(event) {
    if (!this.#drag || !this.#pointers.has(event.pointerId)) {
      this.#on.hover(event);
      return;
    }
    if (this.#pointers.size === 2) {
      this.#pinch(event);
      return;
    }
    this.#pointers.set(event.pointerId, event.clientX);
    const x = this.#on.x(event);
    if (!this.#drag.moved && Math.abs(x - this.#drag.x) < DRAG_PIXELS) return;
    const by = x - this.#drag.to;
    this.#drag.moved = true;
    this.#drag.to = x;
    if (this.#drag.pans) this.#span.pan(-by / this.#on.width());
    else this.#drag.selects = true;
    this.#on.leave();
    this.#on.draw();
  }

  #pinch(event) {
    const [[, other]] = [...this.#pointers].filter(([id]) => id !== event.pointerId);
    const before = Math.abs(this.#pointers.get(event.pointerId) - other);
    const after = Math.abs(event.clientX - other);
    const middle = this.#on.x(event) + (other - event.clientX) / 2;
    this.#pointers.set(event.pointerId, event.clientX);
    this.#drag.moved = true;
    if (before > 4 && after > 4) this.#span.zoom(before / after, this.#on.place(middle));
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
    const drag = this.#drag;
    if (this.#pointers.size > 0 || !drag) return;
    this.#drag = null;
    if (drag.selects) {
      const [a, b] = [this.#on.place(drag.x), this.#on.place(drag.to)];
      this.#span.show(Math.min(a, b), Math.max(a, b));
    } else if (!drag.moved) {
      this.#on.tap(event);
    }
    this.#on.draw();
  }

  #cancel(event) {
    this.#pointers.delete(event.pointerId);
    this.#drag = null;
    this.#on.draw();
  }

  #wheel(event) {
    if (!this.#on.ready()) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const lines = event.deltaMode ? 20 : 1;
      this.#span.zoom(Math.exp(Math.max(-200, Math.min(200, event.deltaY * lines)) * WHEEL), this.#on.place(this.#on.x(event)));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.#span.pan((event.deltaX || event.deltaY) / this.#on.width());
    }
  }
}

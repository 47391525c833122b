// A small panel at a place in the text: the form for a link, the tools for a table.

import { h } from "../dom.js";

/** A panel over the text. `anchor()` says where: a rectangle of the window that it stands under. */
export function bubble(frame, { role = "group", label, className = "" }) {
  const dom = h("div", { class: `editor-bubble ${className}`, role, "aria-label": label, hidden: true });
  let anchor = null;

  function place() {
    if (!anchor) return;
    const at = anchor();
    if (!at) return;
    const around = frame.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = dom;
    const left = Math.max(0, Math.min(at.left - around.left, around.width - width));
    // What is far down stays in sight.
    const top = Math.min(at.bottom + 6, window.innerHeight - height - 8) - around.top;
    dom.style.setProperty("left", `${left}px`);
    dom.style.setProperty("top", `${Math.max(0, top)}px`);
  }

  window.addEventListener("scroll", place, { passive: true });
  window.addEventListener("resize", place, { passive: true });
  return {
    dom,
    place,
    get open() {
      return !dom.hidden;
    },
    show(where) {
      anchor = where;
      dom.hidden = false;
      place();
    },
    hide() {
      anchor = null;
      dom.hidden = true;
    },
  };
}

/** The rectangle of what is selected. */
export function selectionRectangle(view) {
  const { from, to } = view.state.selection;
  const start = view.coordsAtPos(from);
  const end = view.coordsAtPos(to);
  return { left: Math.min(start.left, end.left), bottom: Math.max(start.bottom, end.bottom) };
}

// A panel anchored in the text: the form of a link, the tools of a table.

import { h } from "../dom.js";

/** A panel over the text. The function passed to `show` returns the rectangle below which it is placed. */
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
    // Keep it inside the window.
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
    show(getRectangle) {
      anchor = getRectangle;
      dom.hidden = false;
      place();
    },
    hide() {
      anchor = null;
      dom.hidden = true;
    },
  };
}

/** The rectangle of the selection. */
export function selectionRectangle(view) {
  const { from, to } = view.state.selection;
  const start = view.coordsAtPos(from);
  const end = view.coordsAtPos(to);
  return { left: Math.min(start.left, end.left), bottom: Math.max(start.bottom, end.bottom) };
}

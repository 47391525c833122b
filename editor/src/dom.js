// Helpers for DOM elements.

/** Creates an element. Function attributes become event listeners; `false`, `null` and `undefined` are skipped. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** A button that does not submit its form. */
export const button = (attributes, ...children) => h("button", { type: "button", ...attributes }, ...children);

let lastId = 0;

/** An id that is unique in the page. */
export const uniqueId = (name) => `editor-${name}-${++lastId}`;

/** Calls `action` after `delay` milliseconds without another call. */
export function debounced(action, delay) {
  let timer;
  const call = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), delay);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}

export const isMac = () => /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** A roving tab index: arrow keys, Home and End move between the items of `container`, which is one tab stop. */
export function rovingFocus(container, { items, columns }) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };
  const setTabStop = (chosen) => items().forEach((item) => (item.tabIndex = item === chosen ? 0 : -1));
  container.addEventListener("focusin", (event) => {
    if (items().includes(event.target)) setTabStop(event.target);
  });
  container.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const direction = getComputedStyle(container).direction === "rtl" ? -1 : 1;
    let to;
    if (event.key === "Home") to = 0;
    else if (event.key === "End") to = all.length - 1;
    else if (step[event.key] === undefined) return;
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") to = at + step[event.key] * direction;
    else if (columns) to = at + step[event.key] * columns();
    else return;
    event.preventDefault();
    if (!columns) to = (to + all.length) % all.length;
    all[to]?.focus();
  });
  return { reset: () => setTabStop(items().find((item) => item.tabIndex === 0) ?? items()[0]) };
}

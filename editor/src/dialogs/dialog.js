// A modal dialog that returns the selected value, or `null` if it is closed.

import { button, uniqueId, h } from "../dom.js";
import { icon } from "../icons.js";
import { texts } from "../texts.js";

/** Opens a dialog. `fill(choose)` creates its contents. On closing, the focus returns to where it was. */
export function openDialog(title, className, fill) {
  return new Promise((resolve) => {
    const previousFocus = document.activeElement;
    const id = uniqueId("dialog");
    let chosen = null;
    const dialog = h("dialog", { class: `editor-dialog ${className}`, "aria-labelledby": id });
    const choose = (value) => {
      chosen = value;
      dialog.close();
    };
    dialog.append(
      h(
        "div",
        { class: "editor-dialog-head" },
        h("h2", { id }, title),
        button({ class: "editor-button", title: texts.close, "aria-label": texts.close, click: () => dialog.close() }, icon("close")),
      ),
      ...fill(choose, dialog),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      previousFocus?.focus?.({ preventScroll: true });
      resolve(chosen);
    });
    // A click outside closes it.
    dialog.addEventListener("pointerdown", (event) => {
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (event.target === dialog && !inside) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Wraps requests so that only the latest one resolves: the results of earlier ones are dropped. */
export function latestOnly() {
  let latest = 0;
  return async (promise) => {
    const request = ++latest;
    const result = await promise;
    return request === latest ? result : new Promise(() => {});
  };
}

// A dialog that asks for something: it answers once, with what was chosen or with `null`.

import { button, freshId, h } from "../dom.js";
import { icon } from "../icons.js";

/** Opens a dialog. `fill(choose)` makes what stands in it; the focus goes back to where it was. */
export function ask(title, className, fill) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const id = freshId("dialog");
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
        button({ class: "editor-button", title: "Close", "aria-label": "Close", click: () => dialog.close() }, icon("close")),
      ),
      ...fill(choose, dialog),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.({ preventScroll: true });
      resolve(chosen);
    });
    // A click beside it closes it.
    dialog.addEventListener("pointerdown", (event) => {
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (event.target === dialog && !inside) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Runs the newest of several questions: answers to older ones are dropped. */
export function newestOnly() {
  let newest = 0;
  return async (question) => {
    const mine = ++newest;
    const answer = await question;
    return mine === newest ? answer : new Promise(() => {});
  };
}

// A button of a toolbar.

import { button, isMac } from "../dom.js";
import { icon } from "../icons.js";

const spelled = (keys) => (isMac() ? keys.replace("Mod", "⌘").replace("Alt", "⌥").replace("Shift", "⇧").replaceAll("+", "") : keys.replace("Mod", "Ctrl"));
const announced = (keys) => keys.replace("Mod", isMac() ? "Meta" : "Control");

/** A button with a sign. `active()` says whether it is pressed, `possible()` whether it could do anything. */
export function toolButton(editor, { sign, label, keys, run, active, possible, expands }) {
  const dom = button(
    {
      class: "editor-button",
      title: keys ? `${label} (${spelled(keys)})` : label,
      "aria-label": label,
      "aria-keyshortcuts": keys && announced(keys),
      "aria-expanded": expands && "false",
      tabindex: -1,
      // The text keeps its selection, and a phone its keyboard.
      pointerdown: (event) => event.preventDefault(),
      mousedown: (event) => event.preventDefault(),
      click: () => dom.getAttribute("aria-disabled") !== "true" && run(dom),
    },
    icon(sign),
  );
  return {
    dom,
    update() {
      if (active) dom.setAttribute("aria-pressed", String(Boolean(active())));
      if (possible) dom.setAttribute("aria-disabled", String(!possible()));
    },
  };
}

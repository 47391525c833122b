// A button of a toolbar.

import { button, isMac } from "../dom.js";
import { icon } from "../icons.js";

const shortcutLabel = (keys) => (isMac() ? keys.replace("Mod", "⌘").replace("Alt", "⌥").replace("Shift", "⇧").replaceAll("+", "") : keys.replace("Mod", "Ctrl"));
const ariaShortcut = (keys) => keys.replace("Mod", isMac() ? "Meta" : "Control");

/** A button with an icon. `active()` returns whether it is pressed, `possible()` whether it is enabled. */
export function toolButton(editor, { iconName, label, keys, run, active, possible, expands }) {
  const dom = button(
    {
      class: "editor-button",
      title: keys ? `${label} (${shortcutLabel(keys)})` : label,
      "aria-label": label,
      "aria-keyshortcuts": keys && ariaShortcut(keys),
      "aria-expanded": expands && "false",
      tabindex: -1,
      // Keep the selection in the text, and the keyboard of a phone open.
      pointerdown: (event) => event.preventDefault(),
      mousedown: (event) => event.preventDefault(),
      click: () => dom.getAttribute("aria-disabled") !== "true" && run(dom),
    },
    icon(iconName),
  );
  return {
    dom,
    update() {
      if (active) dom.setAttribute("aria-pressed", String(Boolean(active())));
      if (possible) dom.setAttribute("aria-disabled", String(!possible()));
    },
  };
}

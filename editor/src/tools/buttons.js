// A button of a toolbar.

import { button, isMac } from "../dom.js";
import { icon } from "../icons.js";
import { fillIn, texts } from "../texts.js";

/** The names of keys on a Mac, and elsewhere. */
const MAC_KEYS = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };
const KEYS = { Mod: texts.key_ctrl, Alt: texts.key_alt, Shift: texts.key_shift };

function shortcutLabel(keys) {
  const names = isMac() ? MAC_KEYS : KEYS;
  const separator = isMac() ? "" : "+";
  return keys.split("+").map((key) => names[key] ?? key).join(separator);
}

const ariaShortcut = (keys) => keys.replace("Mod", isMac() ? "Meta" : "Control");

/** A button with an icon. `active()` returns whether it is pressed, `possible()` whether it is enabled. */
export function toolButton(editor, { iconName, label, keys, run, active, possible, expands }) {
  const dom = button(
    {
      class: "editor-button",
      title: keys ? fillIn(texts.with_shortcut, { label, keys: shortcutLabel(keys) }) : label,
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

// Parts shared by the views of pictures, galleries, cards and videos.

import { closeHistory } from "@tiptap/pm/history";
import { NodeSelection } from "@tiptap/pm/state";
import { button, uniqueId, h, isMac } from "../dom.js";
import { icon } from "../icons.js";
import { moveBlock, removeBlock } from "../insert.js";
import { fillIn, texts } from "../texts.js";

/** Keys inside a block: undo and redo apply to the whole text, Escape selects the block, Enter inserts no line break. */
export function blockKeys(dom, editor, getPos) {
  // The edits of a field are an undo step of their own.
  dom.addEventListener("focusin", (event) => {
    if (blockViewDefaults.stopEvent(event)) editor.view.dispatch(closeHistory(editor.state.tr));
  });
  dom.addEventListener("keydown", (event) => {
    const modifier = isMac() ? event.metaKey : event.ctrlKey;
    const key = event.key.toLowerCase();
    if (modifier && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) editor.commands.redo();
      else editor.commands.undo();
      if (!dom.isConnected) editor.view.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      const { state, dispatch } = editor.view;
      dispatch(state.tr.setSelection(NodeSelection.create(state.doc, getPos())));
      editor.view.focus();
    } else if (event.key === "Enter" && event.target.localName === "textarea") event.preventDefault();
    else return;
    // A picture in a gallery is a nested block.
    event.stopPropagation();
  });
}

/** A labelled text field that grows with its text. `changed` is called with every change. */
export function textField({ label, changed }) {
  const id = uniqueId("field");
  const input = h("textarea", {
    id,
    rows: 1,
    form: "",
    input: () => changed(input.value.replace(/\s*\n\s*/g, " ")),
  });
  const dom = h("div", { class: "editor-field" }, h("label", { for: id }, label), input);
  return {
    dom,
    input,
    show({ value, placeholder = "", disabled = false }) {
      // Assigning the same value would move the cursor.
      if (input.value !== value) input.value = value;
      input.placeholder = placeholder;
      input.disabled = disabled;
    },
  };
}

/** A labelled checkbox. */
export function checkbox({ label, changed }) {
  const input = h("input", { type: "checkbox", form: "", change: () => changed(input.checked) });
  return { input, dom: h("label", { class: "editor-tick" }, input, label) };
}

/** The buttons of a block: move, remove and `extra`. */
export function blockTools({ editor, getPos, name, horizontal = false, extra = [] }) {
  const tool = (iconName, label, act) =>
    button({ class: "editor-button", title: label, "aria-label": fillIn(texts.block_tool, { tool: label, block: name }), click: act }, icon(iconName));
  const move = (by) => () => moveBlock(editor.view, getPos(), by);
  return h(
    "div",
    { class: "editor-block-tools" },
    extra.map(({ iconName, label, act }) => tool(iconName, label, act)),
    tool(horizontal ? "left" : "up", horizontal ? texts.move_earlier : texts.move_up, move(-1)),
    tool(horizontal ? "right" : "down", horizontal ? texts.move_later : texts.move_down, move(1)),
    tool("remove", texts.remove, () => removeBlock(editor.view, getPos())),
  );
}

/** Common properties of the block views: ProseMirror ignores events and mutations inside them. */
export const blockViewDefaults = {
  stopEvent: (event) => Boolean(event.target.closest?.("input, textarea, button, label, select")),
  ignoreMutation: () => true,
};

/** An error message, with a button to retry if `retry` is given. */
export const errorBox = (message, retry) =>
  h("div", { class: "editor-error" }, h("p", { role: "status" }, message), retry && button({ class: "editor-text-button", click: retry }, texts.try_again));

/** Selecting text in a field must not drag the block. */
export function undraggable(block, fields) {
  fields.addEventListener("pointerenter", () => (block.draggable = false));
  fields.addEventListener("pointerleave", () => (block.draggable = true));
}

// What pictures, galleries, cards and videos in the text have in common.

import { closeHistory } from "@tiptap/pm/history";
import { NodeSelection } from "@tiptap/pm/state";
import { button, freshId, h, isMac } from "../dom.js";
import { icon } from "../icons.js";
import { moveBlock, removeBlock } from "../insert.js";

/** Keys inside a block: undo is the whole text's, Escape goes back to the block, a field has one line. */
export function blockKeys(dom, editor, getPos) {
  // What is typed in one field is undone apart from what came before.
  dom.addEventListener("focusin", (event) => {
    if (ownEvents.stopEvent(event)) editor.view.dispatch(closeHistory(editor.state.tr));
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
    // A picture in a gallery is a block in a block.
    event.stopPropagation();
  });
}

/** A labelled line to write in; it grows with its text. `changed` hears every change. */
export function textField({ label, changed }) {
  const id = freshId("field");
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
      // The cursor of somebody who is typing stays where it is.
      if (input.value !== value) input.value = value;
      input.placeholder = placeholder;
      input.disabled = disabled;
    },
  };
}

/** A labelled box to tick. */
export function tickBox({ label, changed }) {
  const input = h("input", { type: "checkbox", form: "", change: () => changed(input.checked) });
  return { input, dom: h("label", { class: "editor-tick" }, input, label) };
}

/** The buttons of a block: move it, take it out, and what else it can do. */
export function blockTools({ editor, getPos, name, sideways = false, extra = [] }) {
  const tool = (sign, label, act) =>
    button({ class: "editor-button", title: label, "aria-label": `${label}: ${name}`, click: act }, icon(sign));
  const move = (by) => () => moveBlock(editor.view, getPos(), by);
  return h(
    "div",
    { class: "editor-block-tools" },
    extra.map(({ sign, label, act }) => tool(sign, label, act)),
    tool(sideways ? "left" : "up", sideways ? "Move forward" : "Move up", move(-1)),
    tool(sideways ? "right" : "down", sideways ? "Move back" : "Move down", move(1)),
    tool("remove", "Remove", () => removeBlock(editor.view, getPos())),
  );
}

/** What all block views answer ProseMirror: events in fields and buttons are theirs, and so is what they show. */
export const ownEvents = {
  stopEvent: (event) => Boolean(event.target.closest?.("input, textarea, button, label, select")),
  ignoreMutation: () => true,
};

/** What could not be shown, why, and a way to ask again if that may help. */
export const troubleWith = (message, again) =>
  h("div", { class: "editor-trouble" }, h("p", { role: "status" }, message), again && button({ class: "editor-text-button", click: again }, "Try again"));

/** Selecting words in a field must not drag the block. */
export function undraggable(block, fields) {
  fields.addEventListener("pointerenter", () => (block.draggable = false));
  fields.addEventListener("pointerleave", () => (block.draggable = true));
}

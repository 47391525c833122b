// Links: shows the target of the link at the cursor, and a form to enter or search for a target.

import { getMarkRange } from "@tiptap/core";
import { linkTarget } from "../addresses.js";
import { searchArticles } from "../api.js";
import { latestOnly } from "../dialogs/dialog.js";
import { button, debounced, uniqueId, h } from "../dom.js";
import { texts } from "../texts.js";
import { describe } from "../views/also-read.js";
import { bubble, selectionRectangle } from "./bubble.js";

export function linkTool(editor, frame) {
  const panel = bubble(frame, { label: texts.link, className: "editor-link" });
  const inputId = uniqueId("link");
  const listId = uniqueId("link-list");
  const newest = latestOnly();
  let editing = false;
  let found = [];
  let marked = -1;

  const range = () => {
    const { $from, from, to, empty } = editor.state.selection;
    const link = editor.schema.marks.link;
    const around = getMarkRange($from, link) ?? (empty && $from.parentOffset ? getMarkRange(editor.state.doc.resolve(from - 1), link) : null);
    return around && around.to >= to && (empty || around.from <= from) ? around : { from, to };
  };
  const current = () => {
    const { from, to } = range();
    if (from === to) return null;
    let mark = null;
    editor.state.doc.nodesBetween(from, to, (node) => {
      mark ??= node.marks.find(({ type }) => type.name === "link") ?? null;
    });
    return mark;
  };

  const list = h("ul", { id: listId, role: "listbox", "aria-label": texts.link_articles, class: "editor-results", hidden: true });
  const status = h("p", { class: "editor-status", role: "status" });
  const input = h("input", {
    id: inputId,
    type: "text",
    form: "",
    inputmode: "url",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    role: "combobox",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-controls": listId,
    input: () => {
      status.textContent = "";
      search();
    },
    keydown: (event) => {
      if (event.key === "Enter") apply(found[marked]);
      else if (event.key === "ArrowDown") mark(Math.min(marked + 1, found.length - 1));
      else if (event.key === "ArrowUp") mark(Math.max(marked - 1, -1));
      else return;
      event.preventDefault();
    },
  });
  const removeButton = button({ class: "editor-text-button", click: remove }, texts.link_remove);
  const form = h(
    "div",
    { class: "editor-link-form" },
    h("label", { for: inputId }, texts.link_address),
    h("div", { class: "editor-row" }, input, button({ class: "editor-text-button editor-main-button", click: () => apply() }, texts.link_apply), removeButton),
    status,
    list,
  );
  const target = h("a", { target: "_blank", rel: "noopener noreferrer" });
  const details = h(
    "div",
    { class: "editor-row editor-link-details" },
    target,
    button({ class: "editor-text-button", click: () => edit() }, texts.link_edit),
    button({ class: "editor-text-button", click: remove }, texts.link_remove),
  );
  panel.dom.append(details, form);
  panel.dom.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
    editor.view.focus();
  });
  panel.dom.addEventListener("focusout", ({ relatedTarget }) => {
    if (editing && relatedTarget && !panel.dom.contains(relatedTarget)) close();
  });

  const search = debounced(async () => {
    const words = input.value.trim();
    const items = words.length > 1 && !/^(https?:|\/|mailto:|tel:|#)/.test(words) ? await newest(searchArticles(words).catch(({ message }) => ((status.textContent = message), []))) : [];
    found = items.slice(0, 6);
    list.replaceChildren(
      ...found.map((item, index) =>
        h("li", { id: `${listId}-${index}`, role: "option", "aria-selected": "false", pointerdown: (event) => (event.preventDefault(), apply(item)) }, describe(item)),
      ),
    );
    mark(-1);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    panel.place();
  }, 200);

  function mark(index) {
    marked = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index >= 0) input.setAttribute("aria-activedescendant", `${listId}-${index}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function apply(article) {
    const href = article ? article.path : linkTarget(input.value);
    if (!href) {
      if (!input.value.trim() && current()) return remove();
      status.textContent = texts.link_invalid;
      input.focus();
      return;
    }
    const { from, to } = range();
    const old = current();
    const link = editor.schema.marks.link.create({ href, hreflang: old?.attrs.href === href ? old.attrs.hreflang : null });
    const { tr } = editor.state;
    if (from === to) tr.insert(from, editor.schema.text(article?.headline ?? href, [link]));
    else tr.removeMark(from, to, link.type).addMark(from, to, link);
    editor.view.dispatch(tr.removeStoredMark(link.type));
    close();
    editor.view.focus();
  }

  function remove() {
    const { from, to } = range();
    editor.view.dispatch(editor.state.tr.removeMark(from, to, editor.schema.marks.link));
    close();
    editor.view.focus();
  }

  function edit() {
    if (!editor.state.selection.$from.parent.inlineContent) return;
    editing = true;
    const mark = current();
    details.hidden = true;
    form.hidden = false;
    removeButton.hidden = !mark;
    input.value = mark?.attrs.href ?? "";
    status.textContent = "";
    list.hidden = true;
    found = [];
    panel.show(() => selectionRectangle(editor.view));
    input.focus();
    input.select();
  }

  function close() {
    search.cancel();
    editing = false;
    panel.hide();
  }

  return {
    dom: panel.dom,
    edit,
    update() {
      if (editing) return panel.place();
      const mark = editor.isFocused && editor.state.selection.empty ? current() : null;
      if (!mark) return panel.hide();
      const { href } = mark.attrs;
      target.href = href;
      target.textContent = href;
      details.hidden = false;
      form.hidden = true;
      panel.show(() => selectionRectangle(editor.view));
    },
    get open() {
      return panel.open;
    },
  };
}

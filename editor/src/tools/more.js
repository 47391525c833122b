// Less frequent formatting: struck text, superscript, subscript, titles of works, passages in another language, and the
// names that links in the text point to.

import { anchorOf } from "../addresses.js";
import { button, uniqueId, h } from "../dom.js";
import { texts } from "../texts.js";
import { bubble } from "./bubble.js";
import { toolButton } from "./buttons.js";

const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|iw|ks|ps|sd|syr|ug|ur|yi)(-|$)/i;

export function moreTool(editor, frame) {
  const panel = bubble(frame, { label: texts.more, className: "editor-more-panel" });
  const id = uniqueId("language");
  let opener = null;

  const mark = (iconName, label, name, keys) =>
    toolButton(editor, { iconName, label, keys, active: () => editor.isActive(name), run: () => (editor.chain().focus().toggleMark(name).run(), close()) });
  const buttons = [
    mark("strike", texts.strikethrough, "strike", "Mod+Shift+S"),
    mark("superscript", texts.superscript, "superscript"),
    mark("subscript", texts.subscript, "subscript"),
    mark("cite", texts.title_of_work, "cite"),
  ];
  buttons.forEach(({ dom }) => (dom.tabIndex = 0));

  const language = h("input", {
    id,
    type: "text",
    form: "",
    size: 8,
    maxlength: 35,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": `${id}-hint`,
    keydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      setLanguage();
    },
  });
  const name = h("input", {
    id: `${id}-name`,
    type: "text",
    form: "",
    size: 16,
    maxlength: 80,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": `${id}-name-hint`,
    keydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      setName();
    },
  });
  panel.dom.append(
    h("div", { class: "editor-row" }, buttons.map(({ dom }) => dom)),
    h("label", { for: id }, texts.passage_language),
    h("div", { class: "editor-row" }, language, button({ class: "editor-text-button", click: () => setLanguage() }, texts.set_language)),
    h("p", { id: `${id}-hint`, class: "editor-hint" }, texts.passage_language_hint),
    h("label", { for: name.id }, texts.anchor),
    h("div", { class: "editor-row" }, name, button({ class: "editor-text-button", click: () => setName() }, texts.set_anchor)),
    h("p", { id: `${id}-name-hint`, class: "editor-hint" }, texts.anchor_hint),
  );
  panel.dom.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
    editor.view.focus();
  });
  panel.dom.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !panel.dom.contains(relatedTarget) && relatedTarget !== opener) close();
  });

  function setLanguage() {
    const lang = language.value.trim().replace(/[^A-Za-z0-9-]/g, "") || null;
    const articles = editor.view.dom.dir === "rtl" ? "rtl" : "ltr";
    const own = lang && RIGHT_TO_LEFT.test(lang) ? "rtl" : "ltr";
    const dir = lang && own !== articles ? own : null;
    const { tr, selection } = editor.state;
    editor.state.doc.nodesBetween(selection.from, selection.to, (node, pos) => {
      if (node.type.name === "paragraph") tr.setNodeMarkup(pos, null, { ...node.attrs, lang, dir });
    });
    editor.view.dispatch(tr);
    close();
    editor.view.focus();
  }

  /** The position of the paragraph or subheading at the cursor; `null` if it cannot have a name. */
  function namedBlock() {
    const { $from } = editor.state.selection;
    return $from.depth && "id" in $from.parent.attrs ? $from.before() : null;
  }

  function setName() {
    const at = namedBlock();
    const id = anchorOf(name.value);
    const { tr, doc } = editor.state;
    if (at !== null) {
      // Ids are unique.
      doc.descendants((node, pos) => {
        if (pos !== at && id && node.attrs.id === id) tr.setNodeAttribute(pos, "id", null);
      });
      editor.view.dispatch(tr.setNodeAttribute(at, "id", id));
    }
    close();
    editor.view.focus();
  }

  function close() {
    panel.hide();
    opener?.setAttribute("aria-expanded", "false");
  }

  return {
    dom: panel.dom,
    update: () => buttons.forEach((tool) => tool.update()),
    toggle(from) {
      if (panel.open) return close();
      opener = from;
      const { $from } = editor.state.selection;
      language.value = $from.parent.attrs.lang ?? "";
      name.value = ($from.parent.attrs.id ?? "").replace(/^text-/, "");
      name.disabled = namedBlock() === null;
      buttons.forEach((tool) => tool.update());
      from.setAttribute("aria-expanded", "true");
      panel.show(() => from.getBoundingClientRect());
      buttons[0].dom.focus();
    },
  };
}

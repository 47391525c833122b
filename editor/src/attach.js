// Replaces a text area with an editor. The text area remains the form's field and always contains the HTML.

import { Editor } from "@tiptap/core";
import { closeHistory } from "@tiptap/pm/history";
import { Dropcursor, Gapcursor, Placeholder, Selection, UndoRedo } from "@tiptap/extensions";
import { Behaviour } from "./behaviour.js";
import { debounced, uniqueId, h } from "./dom.js";
import { read, write } from "./html.js";
import { plural, texts } from "./texts.js";
import { linkTool } from "./tools/link.js";
import { moreTool } from "./tools/more.js";
import { tableTool } from "./tools/table.js";
import { toolbar } from "./tools/toolbar.js";
import { videoTool } from "./tools/video.js";
import { Uploads, uploading } from "./uploads.js";
import { extensions } from "./schema/index.js";
import { countWords, readingMinutes } from "./words.js";

/** The delay between the last keystroke and the update of the text area, in milliseconds. */
const UPDATE_DELAY = 150;

const placeholders = {
  // Shown only while the text is empty.
  paragraph: texts.write_here,
  heading: texts.empty_subheading,
  attribution: texts.empty_attribution,
  tableCaption: texts.empty_table_caption,
};

export function attach(textarea) {
  const label = textarea.labels[0];
  if (label && !label.id) label.id = uniqueId("label");
  const page = h("div", { class: "editor-page" });
  const count = h("p", { class: "editor-count" });
  const hint = h("p", { class: "visually-hidden", id: uniqueId("hint") }, texts.keyboard_hint);
  const frame = h("div", { class: "editor" });
  let bar;
  let link;

  const editor = new Editor({
    element: page,
    injectCSS: false,
    enablePasteRules: false,
    extensions: [
      ...extensions,
      UndoRedo,
      Gapcursor,
      Dropcursor.configure({ class: "editor-drop-cursor", color: false, width: 2 }),
      Selection.configure({ className: "editor-selected" }),
      Placeholder.configure({
        includeChildren: true,
        showOnlyCurrent: false,
        placeholder: ({ node }) => placeholders[node.type.name] ?? "",
      }),
      Uploads,
      Behaviour.configure({ focusToolbar: () => bar.focus(), editLink: () => link.edit() }),
    ],
    onBeforeCreate({ editor }) {
      editor.options.content = read(editor.schema, textarea.value);
    },
    editorProps: {
      attributes: {
        id: uniqueId("text"),
        class: "editor-text",
        role: "textbox",
        "aria-multiline": "true",
        ...(label ? { "aria-labelledby": label.id } : { "aria-label": textarea.getAttribute("aria-label") ?? texts.text }),
        "aria-describedby": [textarea.getAttribute("aria-describedby"), hint.id].filter(Boolean).join(" "),
        ...(textarea.getAttribute("aria-invalid") === "true" ? { "aria-invalid": "true" } : {}),
        ...(textarea.required ? { "aria-required": "true" } : {}),
        ...(textarea.dataset.dir ? { dir: textarea.dataset.dir } : {}),
        ...(textarea.dataset.lang ? { lang: textarea.dataset.lang } : {}),
        spellcheck: "true",
      },
    },
  });

  link = linkTool(editor, frame);
  const table = tableTool(editor, frame);
  const more = moreTool(editor, frame);
  const video = videoTool(editor, frame);
  bar = toolbar(editor, { link, video, more });
  frame.append(h("div", { class: "editor-bar" }, bar.dom), link.dom, video.dom, more.dom, table.dom, page, h("div", { class: "editor-foot" }, count), hint);

  // The form must not see the events of the editor's own fields, only those of the text area.
  for (const name of ["input", "change"]) frame.addEventListener(name, (event) => event.stopPropagation());

  textarea.classList.add("editor-source");
  textarea.tabIndex = -1;
  textarea.setAttribute("aria-hidden", "true");
  // The label, the links of an error summary and the browser's validation focus the text area.
  textarea.addEventListener("focus", () => editor.commands.focus());
  textarea.before(frame);

  // ——— Synchronisation with the text area

  let savedDoc = editor.state.doc;

  function flush() {
    later.cancel();
    if (editor.state.doc.eq(savedDoc)) return;
    savedDoc = editor.state.doc;
    const html = write(savedDoc);
    if (html === textarea.value) return;
    textarea.value = html;
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const later = debounced(flush, UPDATE_DELAY);

  textarea.addEventListener("editor:replace", ({ detail }) => {
    const doc = read(editor.schema, String(detail ?? ""));
    const { tr } = editor.state;
    editor.view.dispatch(closeHistory(tr.replaceWith(0, tr.doc.content.size, doc.content)));
    editor.view.dispatch(closeHistory(editor.state.tr));
    flush();
  });
  textarea.form?.addEventListener("submit", flush, { capture: true });
  textarea.form?.addEventListener("formdata", ({ formData }) => {
    flush();
    if (textarea.name) formData.set(textarea.name, textarea.value);
  });
  textarea.form?.addEventListener("reset", () => setTimeout(() => textarea.dispatchEvent(new CustomEvent("editor:replace", { detail: textarea.value }))));
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.hidden && flush());
  window.addEventListener("beforeunload", (event) => {
    flush();
    if (uploading(editor.state)) event.preventDefault();
  });

  // ——— Word count and panels

  function showCount() {
    const words = countWords(editor.state.doc);
    count.textContent = `${plural(texts.words, words)} · ${plural(texts.reading_time, readingMinutes(words))}`;
  }

  let scheduled = false;
  function refresh() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      bar.update();
      link.update();
      more.update();
      table.update(link.open);
    });
  }

  editor.on("update", () => {
    later();
    showCount();
  });
  editor.on("transaction", refresh);
  editor.on("focus", refresh);
  editor.on("blur", () => {
    flush();
    refresh();
  });
  editor.on("transaction", () => {
    const running = uploading(editor.state);
    if (running) textarea.dataset.uploads = running;
    else delete textarea.dataset.uploads;
  });
  showCount();
  refresh();
  return editor;
}

// The editor in the place of a text area. The text area stays the form's field and always has the HTML.

import { Editor } from "@tiptap/core";
import { closeHistory } from "@tiptap/pm/history";
import { Dropcursor, Gapcursor, Placeholder, Selection, UndoRedo } from "@tiptap/extensions";
import { Behaviour } from "./behaviour.js";
import { debounced, freshId, h } from "./dom.js";
import { read, write } from "./html.js";
import { linkTool } from "./tools/link.js";
import { moreTool } from "./tools/more.js";
import { tableTool } from "./tools/table.js";
import { toolbar } from "./tools/toolbar.js";
import { videoTool } from "./tools/video.js";
import { Uploads, uploading } from "./uploads.js";
import { vocabulary } from "./vocabulary/index.js";
import { countWords, readingMinutes } from "./words.js";

/** Others hear of a change this many milliseconds after the last key. */
const PATIENCE = 150;

const placeholders = {
  // Shown only if it is all there is.
  paragraph: "Write here…",
  heading: "Subheading",
  attribution: "Who said it (optional)",
  tableCaption: "Table caption (optional)",
};

export function attach(textarea) {
  const label = textarea.labels[0];
  if (label && !label.id) label.id = freshId("label");
  const page = h("div", { class: "editor-page" });
  const count = h("p", { class: "editor-count" });
  const hint = h("p", { class: "unseen", id: freshId("hint") }, "Alt F10 goes to the formatting tools. Enter on a picture goes to its texts.");
  const frame = h("div", { class: "editor" });
  let bar;
  let link;

  const editor = new Editor({
    element: page,
    injectCSS: false,
    enablePasteRules: false,
    extensions: [
      ...vocabulary,
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
        id: freshId("text"),
        class: "editor-text",
        role: "textbox",
        "aria-multiline": "true",
        ...(label ? { "aria-labelledby": label.id } : { "aria-label": textarea.getAttribute("aria-label") ?? "Text" }),
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

  // What happens in here is no news for the form until the text area has it.
  for (const name of ["input", "change"]) frame.addEventListener(name, (event) => event.stopPropagation());

  textarea.classList.add("editor-source");
  textarea.tabIndex = -1;
  textarea.setAttribute("aria-hidden", "true");
  // Its label, a link in a list of errors and the browser's own checks lead to it.
  textarea.addEventListener("focus", () => editor.commands.focus());
  textarea.before(frame);

  // ——— To the text area and back

  let written = editor.state.doc;

  function flush() {
    later.cancel();
    if (editor.state.doc.eq(written)) return;
    written = editor.state.doc;
    const html = write(written);
    if (html === textarea.value) return;
    textarea.value = html;
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const later = debounced(flush, PATIENCE);

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

  // ——— What is seen around the text

  function showCount() {
    const words = countWords(editor.state.doc);
    const minutes = readingMinutes(words);
    count.textContent = `${words.toLocaleString("en-GB")} ${words === 1 ? "word" : "words"} · ${minutes} ${minutes === 1 ? "minute" : "minutes"} to read`;
  }

  let waiting = false;
  function refresh() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
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

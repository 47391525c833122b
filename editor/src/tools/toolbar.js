// The toolbar above the text.

import { NodeSelection } from "@tiptap/pm/state";
import { pickArticle } from "../dialogs/article.js";
import { pickMedia } from "../dialogs/media.js";
import { h, rovingFocus } from "../dom.js";
import { insertBlock } from "../insert.js";
import { newTable } from "../schema/tables.js";
import { texts } from "../texts.js";
import { toolButton } from "./buttons.js";

/** Lets the user select a picture, or several for a gallery, and inserts it. */
async function choosePictures(editor, asGallery) {
  const chosen = await pickMedia({ multiple: asGallery });
  if (!chosen) return editor.view.focus();
  const { figure, gallery } = editor.schema.nodes;
  const figures = chosen.map(({ id }) => figure.create({ id: String(id) }));
  insertBlock(editor, asGallery ? gallery.create(null, figures) : figures[0]);
}

async function chooseArticle(editor) {
  const chosen = await pickArticle();
  if (!chosen) return editor.view.focus();
  insertBlock(editor, editor.schema.nodes.alsoRead.create({ id: String(chosen.id) }));
}

function insertTable(editor) {
  const table = newTable(editor.schema);
  // The cursor is set in the first cell: after the block's start and the caption.
  insertBlock(editor, table, 1 + table.firstChild.nodeSize);
}

/** The groups of buttons. */
const groups = (editor, { link, video, more }) => {
  const command = (name, ...values) => () => editor.chain().focus()[name](...values).run();
  const could = (name, ...values) => () => editor.can()[name](...values);
  const mark = (name) => ({ active: () => editor.isActive(name), run: command("toggleMark", name), possible: could("toggleMark", name) });
  const block = (name, attributes, ...values) => ({ active: () => editor.isActive(name, attributes), run: command(...values) });
  const heading = (level) => block("heading", { level }, "toggleHeading", { level });
  return [
    [
      { iconName: "text", label: texts.paragraph, keys: "Mod+Alt+0", ...block("paragraph", {}, "setParagraph") },
      { iconName: "heading", label: texts.subheading, keys: "Mod+Alt+2", ...heading(2) },
      { iconName: "subheading", label: texts.smaller_subheading, keys: "Mod+Alt+3", ...heading(3) },
    ],
    [
      { iconName: "bold", label: texts.bold, keys: "Mod+B", ...mark("bold") },
      { iconName: "italic", label: texts.italic, keys: "Mod+I", ...mark("italic") },
      { iconName: "link", label: texts.link, keys: "Mod+K", active: () => editor.isActive("link"), run: link.edit },
    ],
    [
      { iconName: "bullets", label: texts.bulleted_list, keys: "Mod+Shift+8", ...block("bulletList", {}, "toggleBulletList") },
      { iconName: "numbers", label: texts.numbered_list, keys: "Mod+Shift+7", ...block("orderedList", {}, "toggleOrderedList") },
      { iconName: "quote", label: texts.quote, keys: "Mod+Shift+9", ...block("blockquote", {}, "toggleQuote", "blockquote") },
      { iconName: "pullQuote", label: texts.pull_quote, ...block("pullQuote", {}, "toggleQuote", "pullQuote") },
    ],
    [
      { iconName: "picture", label: texts.picture, run: () => choosePictures(editor, false) },
      { iconName: "gallery", label: texts.gallery, run: () => choosePictures(editor, true) },
      { iconName: "video", label: texts.video, expands: true, run: video.toggle },
      { iconName: "alsoRead", label: texts.also_read, run: () => chooseArticle(editor) },
      { iconName: "table", label: texts.table, run: () => insertTable(editor), possible: () => !editor.isActive("tableBlock") },
    ],
    [{ iconName: "more", label: texts.more, expands: true, run: more.toggle }],
    [
      { iconName: "undo", label: texts.undo, keys: "Mod+Z", run: () => editor.commands.undo(), possible: () => editor.can().undo() },
      { iconName: "redo", label: texts.redo, keys: "Mod+Shift+Z", run: () => editor.commands.redo(), possible: () => editor.can().redo() },
    ],
  ];
};

export function toolbar(editor, panels) {
  const tools = [];
  const dom = h(
    "div",
    { class: "editor-toolbar", role: "toolbar", "aria-label": texts.formatting, "aria-controls": editor.view.dom.id },
    groups(editor, panels).map((group) =>
      h(
        "div",
        { class: "editor-group" },
        group.map((tool) => {
          const made = toolButton(editor, tool);
          tools.push(made);
          return made.dom;
        }),
      ),
    ),
  );
  const focus = rovingFocus(dom, { items: () => tools.map((tool) => tool.dom) });
  focus.reset();
  dom.addEventListener("keydown", (event) => {
    if (event.key === "Escape") editor.view.focus();
  });
  return {
    dom,
    update: () => tools.forEach((tool) => tool.update()),
    focus: () => tools.find((tool) => tool.dom.tabIndex === 0)?.dom.focus(),
  };
}

/** Enter on a selected picture, card or video focuses its first field. */
export function enterBlock(view) {
  const { selection } = view.state;
  if (!(selection instanceof NodeSelection)) return false;
  const block = view.nodeDOM(selection.from);
  const field = block?.querySelector?.("textarea:not(:disabled)") ?? block?.querySelector?.("input, button");
  field?.focus();
  return Boolean(field);
}

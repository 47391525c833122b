// Uploads pictures that are dropped or pasted into the text. A decoration, which is not part of the document, marks
// their position meanwhile.

import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { isPicture, uploadPicture } from "./api.js";
import { button, h } from "./dom.js";
import { betweenBlocks, insertBlocks } from "./insert.js";
import { fillIn, texts } from "./texts.js";

const key = new PluginKey("uploads");

/** The number of uploads in progress or failed. */
export const uploading = (state) => key.getState(state).find().length;

/** Uploads the files one by one and inserts the pictures at `pos`. */
export async function uploadInto(view, files, pos) {
  const pictures = [...files].filter(isPicture);
  if (!pictures.length) return;
  const at = betweenBlocks(view.state.doc, pos);
  const uploads = pictures.map((file) => placeholder(view, file));
  view.dispatch(view.state.tr.setMeta(key, { add: uploads, at }));
  for (const upload of uploads) await upload.send();
}

function placeholder(view, file) {
  const id = {};
  const { name } = file;
  const uploadingText = name ? fillIn(texts.uploading, { name }) : texts.uploading_unnamed;
  const bar = h("progress", { max: 1, value: 0, "aria-label": fillIn(texts.upload_of, { name }) });
  const status = h("p", { role: "status" }, uploadingText);
  const retry = button({ class: "editor-text-button", hidden: true, click: () => send() }, texts.try_again);
  const drop = button({ class: "editor-text-button", hidden: true, click: () => view.dispatch(view.state.tr.setMeta(key, { remove: id })) }, texts.remove);
  const dom = h("div", { class: "editor-upload", contenteditable: "false", mousedown: (event) => event.preventDefault() }, h("div", {}, status, bar, h("div", { class: "editor-row" }, retry, drop)));

  async function send() {
    dom.classList.remove("is-failed");
    for (const tool of [retry, drop]) tool.hidden = true;
    bar.hidden = false;
    status.textContent = uploadingText;
    try {
      insert(await uploadPicture(file, (part) => (bar.value = part)));
    } catch (error) {
      dom.classList.add("is-failed");
      status.textContent = fillIn(name ? texts.upload_failed : texts.upload_failed_unnamed, { name, error: error.message });
      for (const tool of [retry, drop]) tool.hidden = false;
      bar.hidden = true;
    }
  }

  function insert(item) {
    if (view.isDestroyed) return;
    const [place] = key.getState(view.state).find(undefined, undefined, (spec) => spec.id === id);
    const tr = view.state.tr.setMeta(key, { remove: id });
    // If the position was deleted, the picture is only in the library.
    if (place) {
      const before = tr.doc.resolve(place.from).nodeBefore;
      const empty = before?.type.name === "paragraph" && !before.content.size;
      insertBlocks(tr, view.state.schema.nodes.figure.create({ id: String(item.id) }), empty ? place.from - 1 : place.from);
    }
    view.dispatch(tr);
  }

  return { id, dom, send };
}

export const Uploads = Extension.create({
  name: "uploads",
  addProseMirrorPlugins: () => [
    new Plugin({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply(tr, set) {
          const { add = [], at, remove } = tr.getMeta(key) ?? {};
          const mapped = set.map(tr.mapping, tr.doc);
          const added = add.map(({ id, dom }, index) =>
            Decoration.widget(at, dom, { id, side: index + 1, key: `upload-${Math.random()}`, stopEvent: () => true, ignoreSelection: true }),
          );
          return mapped.add(tr.doc, added).remove(remove ? mapped.find(undefined, undefined, ({ id }) => id === remove) : []);
        },
      },
      props: {
        decorations: (state) => key.getState(state),
      },
    }),
  ],
});

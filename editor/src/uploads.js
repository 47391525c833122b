// Pictures that are dropped or pasted into the text: they are sent to the library, and a placeholder that is no part of
// the text holds their place.

import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { isPicture, uploadPicture } from "./api.js";
import { button, h } from "./dom.js";
import { betweenBlocks, insertBlocks } from "./insert.js";

const key = new PluginKey("uploads");

/** How many pictures of the text are still on their way. */
export const uploading = (state) => key.getState(state).find().length;

/** Sends the files, one after the other, and puts them into the text at `pos`. */
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
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Upload of ${file.name}` });
  const status = h("p", { role: "status" }, `Uploading ${file.name || "the picture"} …`);
  const retry = button({ class: "editor-text-button", hidden: true, click: () => send() }, "Try again");
  const drop = button({ class: "editor-text-button", hidden: true, click: () => view.dispatch(view.state.tr.setMeta(key, { remove: id })) }, "Remove");
  const dom = h("div", { class: "editor-upload", contenteditable: "false", mousedown: (event) => event.preventDefault() }, h("div", {}, status, bar, h("div", { class: "editor-row" }, retry, drop)));

  async function send() {
    dom.classList.remove("is-failed");
    for (const tool of [retry, drop]) tool.hidden = true;
    bar.hidden = false;
    status.textContent = `Uploading ${file.name || "the picture"} …`;
    try {
      put(await uploadPicture(file, (part) => (bar.value = part)));
    } catch (error) {
      dom.classList.add("is-failed");
      status.textContent = `${file.name || "The picture"} was not uploaded. ${error.message}`;
      for (const tool of [retry, drop]) tool.hidden = false;
      bar.hidden = true;
    }
  }

  function put(item) {
    if (view.isDestroyed) return;
    const [place] = key.getState(view.state).find(undefined, undefined, (spec) => spec.id === id);
    const tr = view.state.tr.setMeta(key, { remove: id });
    // Whoever deleted the place did not want the picture there; it is in the library.
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

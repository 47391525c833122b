// The view of a gallery.

import { button, h } from "../dom.js";
import { icon } from "../icons.js";
import { pickMedia } from "../dialogs/media.js";
import { setAttributes } from "../insert.js";
import { texts } from "../texts.js";
import { blockKeys, blockTools, blockViewDefaults, textField } from "./parts.js";

export function galleryView({ node, editor, getPos }) {
  const caption = textField({ label: texts.gallery_caption, changed: (value) => setAttributes(editor.view, getPos(), { caption: value }) });
  const add = async () => {
    const chosen = await pickMedia({ multiple: true });
    if (!chosen) return;
    const { state, view } = editor;
    const end = getPos() + state.doc.nodeAt(getPos()).nodeSize - 1;
    view.dispatch(state.tr.insert(end, chosen.map(({ id }) => state.schema.nodes.figure.create({ id: String(id) }))));
  };
  const contentDOM = h("div", { class: "editor-gallery-pictures" });
  const head = h(
    "div",
    { class: "editor-gallery-head" },
    h("span", { class: "editor-block-name" }, texts.gallery),
    button({ class: "editor-text-button", click: add }, icon("plus"), texts.add_pictures),
    blockTools({ editor, getPos, name: texts.block_gallery }),
  );
  const dom = h("section", { class: "editor-block editor-gallery", "aria-label": texts.gallery, contenteditable: "false" }, head, contentDOM, caption.dom);
  blockKeys(dom, editor, getPos);
  caption.show({ value: node.attrs.caption });
  return {
    dom,
    contentDOM,
    ...blockViewDefaults,
    ignoreMutation: (mutation) => mutation.type === "selection" || !contentDOM.contains(mutation.target),
    update(updated) {
      if (updated.type !== node.type) return false;
      caption.show({ value: updated.attrs.caption });
      return true;
    },
    selectNode: () => dom.classList.add("is-selected"),
    deselectNode: () => dom.classList.remove("is-selected"),
  };
}

// The view of a picture, with fields for texts that override those of the library.

import { h } from "../dom.js";
import { mediaById } from "../api.js";
import { pickMedia } from "../dialogs/media.js";
import { setAttributes } from "../insert.js";
import { texts } from "../texts.js";
import { blockKeys, blockTools, blockViewDefaults, textField, checkbox, errorBox, undraggable } from "./parts.js";

const descriptions = [
  { name: "alt", label: texts.alt, none: texts.alt_none },
  { name: "caption", label: texts.caption, none: texts.caption_none },
  { name: "credit", label: texts.credit, none: texts.credit_none },
];

export function figureView({ node, editor, getPos }) {
  let current = node;
  let item = null;
  let error = null;
  const inGallery = editor.state.doc.resolve(getPos()).parent.type.name === "gallery";

  const set = (name, value) => setAttributes(editor.view, getPos(), { [name]: value });
  const rows = descriptions.map(({ name, label, none }) => {
    const field = textField({ label, changed: (value) => set(name, value === "" ? null : value) });
    const tick = checkbox({
      label: none,
      changed: (on) => {
        set(name, on ? "" : null);
        if (!on) field.input.focus();
      },
    });
    field.dom.append(tick.dom);
    return { name, field, tick };
  });

  const picture = h("div", { class: "editor-picture" });
  const warning = h("p", { class: "editor-warning" }, texts.alt_missing);
  const fields = h("div", { class: "editor-fields" }, rows.map(({ field }) => field.dom), warning);
  const replace = async () => {
    const [chosen] = (await pickMedia({ multiple: false })) ?? [];
    // The texts described the previous picture.
    if (chosen) setAttributes(editor.view, getPos(), { id: String(chosen.id), alt: null, caption: null, credit: null });
  };
  const tools = blockTools({ editor, getPos, name: texts.block_picture, horizontal: inGallery, extra: [{ iconName: "replace", label: texts.replace_picture, act: replace }] });
  const dom = h("figure", { class: "editor-block editor-figure" }, picture, tools, fields);
  blockKeys(dom, editor, getPos);
  undraggable(dom, fields);

  async function load() {
    const { id } = current.attrs;
    picture.replaceChildren(h("p", {}, "…"));
    try {
      item = await mediaById.find(id);
      error = item ? null : errorBox(texts.picture_gone);
    } catch ({ message }) {
      error = errorBox(message, load);
    }
    if (current.attrs.id === id) show({ reloadPicture: true });
  }

  function show({ reloadPicture = false } = {}) {
    if (reloadPicture) {
      picture.replaceChildren(
        item ? h("img", { src: item.src, width: item.width, height: item.height, alt: "", decoding: "async" }) : (error ?? ""),
      );
    }
    for (const { name, field, tick } of rows) {
      const own = current.attrs[name];
      const none = own === "";
      field.show({ value: own ?? "", placeholder: none ? "" : item?.[name] || "", disabled: none });
      tick.input.checked = none;
      // Without a text in the library there is nothing to override with “none”.
      tick.dom.hidden = name !== "alt" && !none && !item?.[name];
    }
    const { alt } = current.attrs;
    const missing = Boolean(item) && !(alt ?? item.alt) && alt !== "";
    dom.classList.toggle("editor-needs-alt", missing);
    warning.hidden = !missing;
    const shown = picture.querySelector("img");
    if (shown) shown.alt = alt ?? item.alt;
  }

  show();
  load();
  return {
    dom,
    ...blockViewDefaults,
    update(updated) {
      if (updated.type !== current.type) return false;
      const other = updated.attrs.id !== current.attrs.id;
      current = updated;
      if (other) {
        item = null;
        load();
      } else show();
      return true;
    },
    selectNode: () => dom.classList.add("is-selected"),
    deselectNode: () => dom.classList.remove("is-selected"),
  };
}

// A picture in the text: itself, and what it says beyond what the library says.

import { h } from "../dom.js";
import { mediaById } from "../api.js";
import { pickMedia } from "../dialogs/media.js";
import { setAttributes } from "../insert.js";
import { blockKeys, blockTools, ownEvents, textField, tickBox, troubleWith, undraggable } from "./parts.js";

const texts = [
  { name: "alt", label: "Alternative text", none: "Decorative" },
  { name: "caption", label: "Caption", none: "No caption" },
  { name: "credit", label: "Credit", none: "No credit" },
];

export function figureView({ node, editor, getPos }) {
  let current = node;
  let item = null;
  let trouble = null;
  const inGallery = editor.state.doc.resolve(getPos()).parent.type.name === "gallery";

  const set = (name, value) => setAttributes(editor.view, getPos(), { [name]: value });
  const rows = texts.map(({ name, label, none }) => {
    const field = textField({ label, changed: (value) => set(name, value === "" ? null : value) });
    const tick = tickBox({
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
  const warning = h("p", { class: "editor-warning" }, "Say what the picture shows, for those who cannot see it, or mark it as decorative.");
  const fields = h("div", { class: "editor-fields" }, rows.map(({ field }) => field.dom), warning);
  const replace = async () => {
    const [chosen] = (await pickMedia({ multiple: false })) ?? [];
    // Its own texts were about the other picture.
    if (chosen) setAttributes(editor.view, getPos(), { id: String(chosen.id), alt: null, caption: null, credit: null });
  };
  const tools = blockTools({ editor, getPos, name: "picture", sideways: inGallery, extra: [{ sign: "replace", label: "Another picture", act: replace }] });
  const dom = h("figure", { class: "editor-block editor-figure" }, picture, tools, fields);
  blockKeys(dom, editor, getPos);
  undraggable(dom, fields);

  async function load() {
    const { id } = current.attrs;
    picture.replaceChildren(h("p", {}, "…"));
    try {
      item = await mediaById.find(id);
      trouble = item ? null : troubleWith("This picture is not in the library any more.");
    } catch (error) {
      trouble = troubleWith(error.message, load);
    }
    if (current.attrs.id === id) show(true);
  }

  function show(picturesToo = false) {
    if (picturesToo) {
      picture.replaceChildren(
        item ? h("img", { src: item.src, width: item.width, height: item.height, alt: "", decoding: "async" }) : (trouble ?? ""),
      );
    }
    for (const { name, field, tick } of rows) {
      const own = current.attrs[name];
      const none = own === "";
      field.show({ value: own ?? "", placeholder: none ? "" : item?.[name] || "", disabled: none });
      tick.input.checked = none;
      // What says nothing anyway needs no switch to say nothing.
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
    ...ownEvents,
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

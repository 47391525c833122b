// A video that readers load with a click.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { providerOf } from "../addresses.js";
import { setAttributes } from "../insert.js";
import { blockKeys, blockTools, ownEvents, textField, undraggable } from "./parts.js";

export function embedView({ node, editor, getPos }) {
  const title = textField({ label: "Title of the video", changed: (value) => setAttributes(editor.view, getPos(), { title: value }) });
  const warning = h("p", { class: "editor-warning" }, "Say what the video shows: readers see this before they load it.");
  title.dom.append(warning);
  const where = h("p", { class: "editor-embed-where" });
  const dom = h(
    "div",
    { class: "editor-block editor-embed" },
    h("div", { class: "editor-embed-sign" }, icon("video"), where),
    title.dom,
    blockTools({ editor, getPos, name: "video" }),
  );
  blockKeys(dom, editor, getPos);
  undraggable(dom, title.dom);
  const show = ({ attrs }) => {
    where.replaceChildren(h("span", { class: "editor-block-name" }, providerOf(attrs.url)), attrs.url);
    title.show({ value: attrs.title, placeholder: "What the video shows" });
    warning.hidden = Boolean(attrs.title);
  };
  show(node);
  return {
    dom,
    ...ownEvents,
    update(updated) {
      if (updated.type !== node.type) return false;
      show(updated);
      return true;
    },
    selectNode: () => dom.classList.add("is-selected"),
    deselectNode: () => dom.classList.remove("is-selected"),
  };
}

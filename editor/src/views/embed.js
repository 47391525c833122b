// The view of an embedded video.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { providerOf } from "../addresses.js";
import { setAttributes } from "../insert.js";
import { texts } from "../texts.js";
import { blockKeys, blockTools, blockViewDefaults, textField, undraggable } from "./parts.js";

export function embedView({ node, editor, getPos }) {
  const title = textField({ label: texts.video_title, changed: (value) => setAttributes(editor.view, getPos(), { title: value }) });
  const warning = h("p", { class: "editor-warning" }, texts.video_title_missing);
  title.dom.append(warning);
  const url = h("p", { class: "editor-embed-url" });
  const dom = h(
    "div",
    { class: "editor-block editor-embed" },
    h("div", { class: "editor-embed-icon" }, icon("video"), url),
    title.dom,
    blockTools({ editor, getPos, name: texts.block_video }),
  );
  blockKeys(dom, editor, getPos);
  undraggable(dom, title.dom);
  const show = ({ attrs }) => {
    url.replaceChildren(h("span", { class: "editor-block-name" }, providerOf(attrs.url)), attrs.url);
    title.show({ value: attrs.title, placeholder: texts.video_title_empty });
    warning.hidden = Boolean(attrs.title);
  };
  show(node);
  return {
    dom,
    ...blockViewDefaults,
    update(updated) {
      if (updated.type !== node.type) return false;
      show(updated);
      return true;
    },
    selectNode: () => dom.classList.add("is-selected"),
    deselectNode: () => dom.classList.remove("is-selected"),
  };
}

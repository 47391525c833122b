// A card that leads to another article.

import { h } from "../dom.js";
import { articlesById } from "../api.js";
import { pickArticle } from "../dialogs/article.js";
import { setAttributes } from "../insert.js";
import { blockKeys, blockTools, ownEvents, troubleWith } from "./parts.js";

export function alsoReadView({ node, editor, getPos }) {
  let current = node;
  const words = h("div", { class: "editor-card-words" });
  const replace = async () => {
    const chosen = await pickArticle();
    if (chosen) setAttributes(editor.view, getPos(), { id: String(chosen.id) });
  };
  const tools = blockTools({ editor, getPos, name: "also read", extra: [{ sign: "replace", label: "Another article", act: replace }] });
  const dom = h("div", { class: "editor-block editor-card" }, words, tools);

  blockKeys(dom, editor, getPos);

  async function load() {
    const { id } = current.attrs;
    words.replaceChildren(h("span", { class: "editor-block-name" }, "Also read"), "…");
    const said = await articlesById.find(id).then(
      (article) => (article ? describe(article) : [troubleWith("This article is not there any more.")]),
      (error) => [troubleWith(error.message, load)],
    );
    if (current.attrs.id === id) words.replaceChildren(h("span", { class: "editor-block-name" }, "Also read"), ...said);
  }

  load();
  return {
    dom,
    ...ownEvents,
    update(updated) {
      if (updated.type !== current.type) return false;
      const other = updated.attrs.id !== current.attrs.id;
      current = updated;
      if (other) load();
      return true;
    },
    selectNode: () => dom.classList.add("is-selected"),
    deselectNode: () => dom.classList.remove("is-selected"),
  };
}

/** An article in a line or two. */
export const describe = ({ headline, section, when, live }) => [
  h("strong", {}, headline),
  h("small", {}, [section, when, live ? "" : "not public yet"].filter(Boolean).join(" · ")),
];

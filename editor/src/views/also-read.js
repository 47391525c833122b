// The view of a card that links to another article.

import { h } from "../dom.js";
import { articlesById } from "../api.js";
import { pickArticle } from "../dialogs/article.js";
import { setAttributes } from "../insert.js";
import { texts } from "../texts.js";
import { blockKeys, blockTools, blockViewDefaults, errorBox } from "./parts.js";

export function alsoReadView({ node, editor, getPos }) {
  let current = node;
  const words = h("div", { class: "editor-card-words" });
  const replace = async () => {
    const chosen = await pickArticle();
    if (chosen) setAttributes(editor.view, getPos(), { id: String(chosen.id) });
  };
  const tools = blockTools({ editor, getPos, name: texts.block_also_read, extra: [{ iconName: "replace", label: texts.replace_article, act: replace }] });
  const dom = h("div", { class: "editor-block editor-card" }, words, tools);

  blockKeys(dom, editor, getPos);

  async function load() {
    const { id } = current.attrs;
    words.replaceChildren(h("span", { class: "editor-block-name" }, texts.also_read), "…");
    const content = await articlesById.find(id).then(
      (article) => (article ? describe(article) : [errorBox(texts.article_gone)]),
      (error) => [errorBox(error.message, load)],
    );
    if (current.attrs.id === id) words.replaceChildren(h("span", { class: "editor-block-name" }, texts.also_read), ...content);
  }

  load();
  return {
    dom,
    ...blockViewDefaults,
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

/** The headline of an article, with its section, date and state. */
export const describe = ({ headline, section, when, live }) => [
  h("strong", {}, headline),
  h("small", {}, [section, when, live ? "" : texts.not_published].filter(Boolean).join(" · ")),
];

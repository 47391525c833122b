// The dialog that selects an article.

import { articlesById, searchArticles } from "../api.js";
import { button, debounced, uniqueId, h, rovingFocus } from "../dom.js";
import { texts } from "../texts.js";
import { describe } from "../views/also-read.js";
import { openDialog, latestOnly } from "./dialog.js";

/** Lets the user select an article. Returns its data from the server, or `null`. */
export const pickArticle = () =>
  openDialog(texts.find_article, "editor-articles", (choose) => {
    const id = uniqueId("search");
    const list = h("ul", { class: "editor-results" });
    const status = h("p", { class: "editor-status", role: "status" });
    const newest = latestOnly();
    const focus = rovingFocus(list, { items: () => [...list.querySelectorAll("button")], columns: () => 1 });

    // The id of the article being edited, once it has been saved.
    const ownId = location.pathname.match(/^\/admin\/articles\/(\d+)$/)?.[1];

    async function find() {
      const words = search.value.trim();
      try {
        const items = await newest(searchArticles(words, ownId));
        articlesById.remember(items);
        list.replaceChildren(...items.map((item) => h("li", {}, button({ click: () => choose(item) }, describe(item)))));
        status.textContent = items.length ? "" : texts.no_results;
        focus.reset();
      } catch (error) {
        status.textContent = error.message;
      }
    }

    const search = h("input", {
      id,
      type: "search",
      autocomplete: "off",
      autofocus: true,
      input: debounced(find, 200),
      keydown: (event) => {
        if (event.key === "ArrowDown") list.querySelector("button")?.focus();
        else if (event.key !== "Enter") return;
        event.preventDefault();
      },
    });
    find();
    return [h("div", { class: "editor-search" }, h("label", { for: id }, texts.search_articles), search), status, list];
  });

// Finding an article in the archive.

import { articlesById, searchArticles } from "../api.js";
import { button, debounced, freshId, h, rovingFocus } from "../dom.js";
import { describe } from "../views/also-read.js";
import { ask, newestOnly } from "./dialog.js";

/** Asks for an article: what the server says of it, or `null`. */
export const pickArticle = () =>
  ask("Find an article", "editor-articles", (choose) => {
    const id = freshId("search");
    const list = h("ul", { class: "editor-results" });
    const status = h("p", { class: "editor-status", role: "status" });
    const newest = newestOnly();
    const focus = rovingFocus(list, { items: () => [...list.querySelectorAll("button")], columns: () => 1 });

    // What is being written, once it has been saved.
    const own = location.pathname.match(/^\/admin\/articles\/(\d+)$/)?.[1];

    async function find() {
      const words = search.value.trim();
      try {
        const items = await newest(searchArticles(words, own));
        articlesById.remember(items);
        list.replaceChildren(...items.map((item) => h("li", {}, button({ click: () => choose(item) }, describe(item)))));
        status.textContent = items.length ? "" : "Nothing found.";
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
    return [h("div", { class: "editor-search" }, h("label", { for: id }, "Words of its headline or text"), search), status, list];
  });

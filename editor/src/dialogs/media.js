// The dialog that selects pictures from the library or uploads new ones.

import { isPicture, mediaById, searchMedia, uploadPicture } from "../api.js";
import { button, debounced, uniqueId, h, rovingFocus } from "../dom.js";
import { icon } from "../icons.js";
import { fillIn, plural, texts } from "../texts.js";
import { openDialog, latestOnly } from "./dialog.js";

/** Lets the user select one or several pictures. Returns a list of their data from the server, or `null`. */
export const pickMedia = ({ multiple = false } = {}) =>
  openDialog(multiple ? texts.choose_pictures : texts.choose_picture, "editor-media", (choose, dialog) => {
    const id = uniqueId("search");
    const status = h("p", { class: "editor-status", role: "status" });
    const grid = h("ul", { class: "editor-grid" });
    const newest = latestOnly();
    const picked = new Map();
    let next = null;

    const columns = () => getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const focus = rovingFocus(grid, { items: () => [...grid.querySelectorAll("button")], columns });

    function pick(item, tile) {
      if (!multiple) return choose([item]);
      if (!picked.delete(item.id)) picked.set(item.id, item);
      tile.setAttribute("aria-pressed", String(picked.has(item.id)));
      showCount();
    }

    function showCount() {
      use.disabled = picked.size === 0;
      use.textContent = picked.size ? plural(texts.use_chosen, picked.size) : texts.use_none;
    }

    function tileOf(item) {
      const name = item.alt || item.name || fillIn(texts.picture_number, { id: item.id });
      const tile = button(
        { class: "editor-tile", title: name, "aria-pressed": multiple ? String(picked.has(item.id)) : null, click: () => pick(item, tile) },
        h("img", { src: item.thumb, alt: "", loading: "lazy", decoding: "async" }),
        h("span", {}, name),
      );
      return h("li", {}, tile);
    }

    async function show(before = null) {
      try {
        const page = await newest(searchMedia(search.value.trim(), before));
        mediaById.remember(page.items);
        if (!before) grid.replaceChildren();
        const at = grid.childElementCount;
        grid.append(...page.items.map(tileOf));
        next = page.next;
        more.hidden = next === null;
        status.textContent = grid.childElementCount ? "" : texts.no_results;
        focus.reset();
        if (before) grid.children[at]?.querySelector("button").focus();
      } catch (error) {
        status.textContent = error.message;
      }
    }

    async function add(files) {
      const pictures = [...files].filter(isPicture);
      if (!pictures.length) return;
      const failed = [];
      const items = [];
      for (const [index, file] of pictures.entries()) {
        const text = pictures.length > 1 ? texts.upload_progress_of : texts.upload_progress;
        const values = { name: file.name, index: index + 1, total: pictures.length };
        const progress = (part) => (status.textContent = fillIn(text, { ...values, percent: Math.round(part * 100) }));
        try {
          items.push(await uploadPicture(file, progress));
        } catch (error) {
          failed.push(fillIn(texts.upload_error, { name: file.name, error: error.message }));
        }
      }
      status.textContent = failed.join(" ");
      if (!multiple && items.length === 1) return choose(items);
      for (const item of items) {
        if (multiple) picked.set(item.id, item);
        grid.prepend(tileOf(item));
      }
      showCount();
      focus.reset();
    }

    const search = h("input", {
      id,
      type: "search",
      autocomplete: "off",
      autofocus: true,
      input: debounced(() => show(), 200),
      keydown: (event) => {
        if (event.key === "ArrowDown") grid.querySelector("button")?.focus();
        else if (event.key !== "Enter") return;
        event.preventDefault();
      },
    });
    const file = h("input", {
      type: "file",
      accept: "image/*",
      multiple,
      hidden: true,
      change: () => {
        add(file.files);
        file.value = "";
      },
    });
    const upload = button({ class: "editor-text-button", click: () => file.click() }, icon("upload"), texts.upload);
    const more = button({ class: "editor-text-button editor-more", hidden: true, click: () => show(next) }, texts.load_more);
    const use = button({ class: "editor-text-button editor-main-button", click: () => choose([...picked.values()]) });

    dialog.addEventListener("paste", (event) => add(event.clipboardData.files));
    dialog.addEventListener("dragover", (event) => {
      event.preventDefault();
      dialog.classList.add("is-drop-target");
    });
    dialog.addEventListener("dragleave", (event) => {
      if (!dialog.contains(event.relatedTarget)) dialog.classList.remove("is-drop-target");
    });
    dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      dialog.classList.remove("is-drop-target");
      add(event.dataTransfer.files);
    });

    showCount();
    show();
    return [
      h("div", { class: "editor-search" }, h("label", { for: id }, texts.search_pictures), search, upload, file),
      h("p", { class: "editor-hint" }, texts.drop_hint),
      status,
      h("div", { class: "editor-grid-frame" }, grid, more),
      multiple && h("div", { class: "editor-dialog-foot" }, use),
    ].filter(Boolean);
  });

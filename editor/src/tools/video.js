// The form that embeds a video by its address. An address pasted on an empty line is embedded without it.

import { videoPage } from "../addresses.js";
import { button, uniqueId, h } from "../dom.js";
import { insertBlock } from "../insert.js";
import { texts } from "../texts.js";
import { bubble } from "./bubble.js";

/** Inserts the video and focuses its title field. */
export function insertVideo(editor, url) {
  insertBlock(editor, editor.schema.nodes.embed.create({ url, title: "" }));
  const dom = editor.view.nodeDOM(editor.state.selection.from);
  dom?.querySelector?.("textarea")?.focus();
}

export function videoTool(editor, frame) {
  const panel = bubble(frame, { label: texts.video, className: "editor-link" });
  const id = uniqueId("video");
  let opener = null;
  const status = h("p", { class: "editor-status", role: "status" });
  const input = h("input", {
    id,
    type: "text",
    form: "",
    inputmode: "url",
    autocomplete: "off",
    spellcheck: "false",
    keydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      apply();
    },
  });
  panel.dom.append(
    h("label", { for: id }, texts.video_address),
    h("div", { class: "editor-row" }, input, button({ class: "editor-text-button editor-main-button", click: () => apply() }, texts.video_insert)),
    status,
  );
  panel.dom.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
    editor.view.focus();
  });
  panel.dom.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !panel.dom.contains(relatedTarget) && relatedTarget !== opener) close();
  });

  function apply() {
    const url = videoPage(input.value);
    if (!url) {
      status.textContent = texts.video_invalid;
      return;
    }
    close();
    insertVideo(editor, url);
  }

  function close() {
    panel.hide();
    opener?.setAttribute("aria-expanded", "false");
  }

  return {
    dom: panel.dom,
    toggle(from) {
      if (panel.open) return close();
      opener = from;
      input.value = "";
      status.textContent = "";
      from.setAttribute("aria-expanded", "true");
      panel.show(() => from.getBoundingClientRect());
      input.focus();
    },
  };
}

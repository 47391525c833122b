// What the text does by itself: where one can write, what pasting and dropping mean, keys.

import { Extension } from "@tiptap/core";
import { Fragment, Slice } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { isInTable } from "@tiptap/pm/tables";
import { isPicture } from "./api.js";
import { linkTarget, videoPage } from "./addresses.js";
import { cleaned } from "./clean.js";
import { lacksPlaceToWrite } from "./html.js";
import { enterBlock } from "./tools/toolbar.js";
import { insertVideo } from "./tools/video.js";
import { uploadInto } from "./uploads.js";
import { toggleQuote } from "./vocabulary/quotes.js";

/** There is always a paragraph to write in below the last picture, table or quote. It is not written if it is empty. */
const placeToWrite = () =>
  new Plugin({
    appendTransaction: (transactions, old, { doc, tr, schema }) =>
      transactions.some(({ docChanged }) => docChanged) && lacksPlaceToWrite(doc) ? tr.insert(doc.content.size, schema.nodes.paragraph.create()) : null,
  });

/** The pictures among what is pasted or dropped, if it is pictures: Word adds one of every text that it copies. */
function picturesOf(data) {
  const files = [...(data?.files ?? [])].filter(isPicture);
  const html = data?.getData("text/html") ?? "";
  const words = new DOMParser().parseFromString(html.replace(/<[^>]*\bstyle\b[^>]*>/gi, ""), "text/html").body.textContent.trim();
  return words ? [] : files;
}

const pasting = (editor) =>
  new Plugin({
    props: {
      transformPastedHTML: cleaned,
      // Into a table go a table's cells: what prosemirror-tables does not find in a block with a caption.
      transformPasted(slice, view) {
        const { firstChild, childCount } = slice.content;
        const cells = childCount === 1 && firstChild.type.name === "tableBlock" && isInTable(view.state);
        return cells ? new Slice(Fragment.from(firstChild.lastChild), 0, 0) : slice;
      },
      handlePaste(view, event) {
        const pictures = picturesOf(event.clipboardData);
        if (pictures.length) {
          uploadInto(view, pictures, view.state.selection.from);
          return true;
        }
        const text = event.clipboardData?.getData("text/plain").trim() ?? "";
        const { selection } = view.state;
        const { $from, empty } = selection;
        const video = videoPage(text);
        if (video && empty && $from.depth === 1 && !$from.parent.content.size) {
          insertVideo(editor, video);
          return true;
        }
        // An address over words makes them a link.
        if (!empty && $from.parent.inlineContent && $from.sameParent(selection.$to) && /^(https?:\/\/|mailto:)\S+$/i.test(text)) {
          const href = linkTarget(text);
          const { link } = view.state.schema.marks;
          if (href) view.dispatch(view.state.tr.removeMark($from.pos, selection.to, link).addMark($from.pos, selection.to, link.create({ href })));
          return Boolean(href);
        }
        return false;
      },
      handleDrop(view, event, slice, moved) {
        const pictures = moved ? [] : picturesOf(event.dataTransfer);
        if (!pictures.length) return false;
        event.preventDefault();
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        uploadInto(view, pictures, at?.pos ?? view.state.selection.from);
        return true;
      },
    },
  });

export const Behaviour = Extension.create({
  name: "behaviour",
  // Enter on a selected picture before anything else that Enter does.
  priority: 950,
  addOptions: () => ({ focusToolbar: () => {}, editLink: () => {} }),
  addCommands: () => ({
    toggleQuote: (name) => toggleQuote(name),
  }),
  addKeyboardShortcuts() {
    return {
      Enter: ({ editor }) => enterBlock(editor.view),
      "Mod-k": () => (this.options.editLink(), true),
      "Mod-Shift-9": ({ editor }) => editor.commands.toggleQuote("blockquote"),
      "Alt-F10": () => (this.options.focusToolbar(), true),
    };
  },
  addProseMirrorPlugins() {
    return [placeToWrite(), pasting(this.editor)];
  },
});

// Pasting, dropping, keyboard shortcuts and the trailing paragraph.

import { Extension } from "@tiptap/core";
import { Fragment, Slice } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { isInTable } from "@tiptap/pm/tables";
import { isPicture } from "./api.js";
import { linkTarget, videoPage } from "./addresses.js";
import { cleanHtml } from "./clean.js";
import { needsTrailingParagraph } from "./html.js";
import { enterBlock } from "./tools/toolbar.js";
import { insertVideo } from "./tools/video.js";
import { uploadInto } from "./uploads.js";
import { toggleQuote } from "./schema/quotes.js";

/** Keeps a paragraph after the last picture, table or quote. An empty one is not serialised. */
const trailingParagraph = () =>
  new Plugin({
    appendTransaction: (transactions, old, { doc, tr, schema }) =>
      transactions.some(({ docChanged }) => docChanged) && needsTrailingParagraph(doc) ? tr.insert(doc.content.size, schema.nodes.paragraph.create()) : null,
  });

/** The pasted or dropped pictures; none if there is text too, because Word adds a picture of every text that it copies. */
function picturesOf(data) {
  const files = [...(data?.files ?? [])].filter(isPicture);
  const html = data?.getData("text/html") ?? "";
  const text = new DOMParser().parseFromString(html.replace(/<[^>]*\bstyle\b[^>]*>/gi, ""), "text/html").body.textContent.trim();
  return text ? [] : files;
}

const pasting = (editor) =>
  new Plugin({
    props: {
      transformPastedHTML: cleanHtml,
      // A table pasted into a table: prosemirror-tables expects the table without the block and its caption.
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
        // An address pasted over selected text makes it a link.
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
  // Higher than the other handlers of Enter.
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
    return [trailingParagraph(), pasting(this.editor)];
  },
});

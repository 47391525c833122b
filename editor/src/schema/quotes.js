// Quotes and pull quotes, each with a line for the attribution.

import { Extension, InputRule, Node } from "@tiptap/core";
import { Fragment } from "@tiptap/pm/model";
import { TextSelection } from "@tiptap/pm/state";
import { passage } from "./prose.js";

const quoteNode = (name, { tag, toDOM, attributes = {}, rules = () => [] }) =>
  Node.create({
    name,
    group: "block",
    content: "(prose | blockquote)+ attribution",
    defining: true,
    addAttributes: () => attributes,
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => toDOM(HTMLAttributes),
    addInputRules: rules,
  });

const Blockquote = quoteNode("blockquote", {
  tag: "blockquote",
  attributes: passage,
  toDOM: (attributes) => ["blockquote", attributes, 0],
  rules() {
    return [
      new InputRule({
        find: /^\s*>\s$/,
        handler: ({ state, range }) => {
          state.tr.delete(range.from, range.to);
          if (!wrapInQuote(state.tr, this.type)) return null;
        },
      }),
    ];
  },
});

const PullQuote = quoteNode("pullQuote", {
  tag: "aside.pull-quote",
  toDOM: (attributes) => ["aside", { ...attributes, class: "pull-quote" }, 0],
});

/** The source of a quote. Always present in the document; serialised only if it is not empty. */
const Attribution = Node.create({
  name: "attribution",
  content: "inline*",
  defining: true,
  parseHTML: () => [{ tag: "footer" }],
  renderHTML: ({ HTMLAttributes }) => ["footer", HTMLAttributes, 0],
});

/** The depth of the quote around a position, or 0 outside of a quote. */
function quoteDepth($pos) {
  for (let depth = $pos.depth; depth > 0; depth--) {
    if (["blockquote", "pullQuote"].includes($pos.node(depth).type.name)) return depth;
  }
  return 0;
}

/** Wraps the selected blocks in a quote. */
function wrapInQuote(tr, type) {
  const { $from, $to } = tr.selection;
  const range = $from.blockRange($to, (node) => node.type.name === "doc");
  if (!range) return false;
  const blocks = [];
  for (let i = range.startIndex; i < range.endIndex; i++) blocks.push(range.parent.child(i));
  const { attribution } = type.schema.nodes;
  const content = Fragment.from([...blocks, attribution.create()]);
  if (!type.validContent(content)) return false;
  const { anchor, head } = tr.selection;
  tr.replaceWith(range.start, range.end, type.create(null, content));
  tr.setSelection(TextSelection.create(tr.doc, anchor + 1, head + 1));
  return true;
}

/** Unwraps the quote; the attribution becomes a paragraph. */
function unwrapQuote(tr, depth) {
  const { $from } = tr.selection;
  const quote = $from.node(depth);
  const start = $from.before(depth);
  const { paragraph } = quote.type.schema.nodes;
  const blocks = [];
  quote.forEach((block) => {
    if (block.type.name !== "attribution") blocks.push(block);
    else if (block.content.size) blocks.push(paragraph.create(null, block.content));
  });
  const at = $from.pos - 1;
  tr.replaceWith(start, start + quote.nodeSize, blocks);
  tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(at, tr.doc.content.size))));
}

/** Wraps the selection in a quote, converts the other kind of quote, or unwraps a quote of this kind. */
export const toggleQuote = (name) => ({ state, tr, dispatch }) => {
  const type = state.schema.nodes[name];
  const { $from } = tr.selection;
  const depth = quoteDepth($from);
  if (depth) {
    if (!dispatch) return true;
    if ($from.node(depth).type === type) unwrapQuote(tr, depth);
    else tr.setNodeMarkup($from.before(depth), type);
    return true;
  }
  return wrapInQuote(tr, type);
};

/** Moves the cursor to a paragraph after the quote. */
function leaveQuote(tr, depth) {
  const after = tr.selection.$from.after(depth);
  const next = tr.doc.nodeAt(after);
  if (!(next?.type.name === "paragraph" && !next.content.size)) {
    tr.insert(after, tr.doc.type.schema.nodes.paragraph.create());
  }
  tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView();
}

/** Enter, Backspace and Delete at the edges of a quote. */
const QuoteKeys = Extension.create({
  name: "quoteKeys",
  // Higher than the handlers of lists and paragraphs.
  priority: 900,
  addKeyboardShortcuts() {
    const inQuote = (action) => ({ editor }) =>
      editor.commands.command(({ state, tr }) => {
        const { $from, $to, empty } = state.selection;
        const depth = quoteDepth($from);
        return Boolean(depth && $from.sameParent($to) && $from.parent.isTextblock) && action({ $from, empty, depth, tr });
      });
    return {
      Enter: inQuote(({ $from, empty, depth, tr }) => {
        if ($from.parent.type.name === "attribution") {
          leaveQuote(tr, depth);
          return true;
        }
        if ($from.depth !== depth + 1) return false;
        const { content, type, attrs } = $from.parent;
        const index = $from.index(depth);
        // Enter in an empty last paragraph moves to the attribution.
        if (empty && !content.size && index > 0 && index === $from.node(depth).childCount - 2) {
          tr.delete($from.before(), $from.after());
          tr.setSelection(TextSelection.near(tr.doc.resolve($from.before() + 1)));
          return true;
        }
        // The default would create another attribution.
        const { paragraph } = type.schema.nodes;
        tr.deleteSelection().split($from.pos, 1, [{ type: paragraph, attrs: type === paragraph ? { ...attrs, id: null } : null }]).scrollIntoView();
        return true;
      }),
      Backspace: inQuote(({ $from, empty, depth, tr }) => {
        if (!empty || $from.parentOffset > 0) return false;
        if ($from.parent.type.name === "attribution") {
          tr.setSelection(TextSelection.near(tr.doc.resolve($from.before()), -1));
          return true;
        }
        if ($from.depth !== depth + 1 || $from.index(depth) > 0) return false;
        unwrapQuote(tr, depth);
        return true;
      }),
      // At the end of the text or of the attribution, Delete must not join the next block.
      Delete: inQuote(({ $from, empty, depth }) => {
        if (!empty || $from.parentOffset < $from.parent.content.size) return false;
        const quote = $from.node(depth);
        return $from.parent.type.name === "attribution" || ($from.depth === depth + 1 && $from.index(depth) === quote.childCount - 2);
      }),
    };
  },
});

export const quotes = [Blockquote, PullQuote, Attribution, QuoteKeys];

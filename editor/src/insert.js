// Inserts, moves and removes blocks.

import { closeHistory } from "@tiptap/pm/history";
import { NodeSelection, TextSelection } from "@tiptap/pm/state";

/** The position between top-level blocks for an insertion: after the block at `pos`, or before it at its beginning. */
export function betweenBlocks(doc, pos) {
  const $pos = doc.resolve(pos);
  if ($pos.depth === 0) return pos;
  return pos === $pos.start() && $pos.depth === 1 && $pos.parent.content.size ? $pos.before(1) : $pos.after(1);
}

/** Inserts blocks at the cursor: replaces an empty paragraph, or inserts after the current block. */
export function insertBlocks(tr, nodes, at = tr.selection.from) {
  const $at = tr.doc.resolve(at);
  const empty = $at.depth === 1 && $at.parent.type.name === "paragraph" && !$at.parent.content.size;
  const selected = tr.selection instanceof NodeSelection && tr.selection.from === at;
  const from = empty ? $at.before(1) : selected && $at.depth === 0 ? tr.selection.to : betweenBlocks(tr.doc, at);
  tr.replaceWith(from, empty ? $at.after(1) : from, nodes);
  return from;
}

/** Inserts a block at the cursor and selects it, or sets the cursor in it, `inside` positions after its beginning. */
export function insertBlock(editor, node, inside = 0) {
  const { tr } = editor.state;
  const at = insertBlocks(tr, node);
  tr.setSelection(inside ? TextSelection.near(tr.doc.resolve(at + inside)) : NodeSelection.create(tr.doc, at));
  // Undo removes the block only, not the text typed before it.
  editor.view.dispatch(closeHistory(tr.scrollIntoView()));
  editor.view.focus();
}

/** Moves the block past its neighbour, `by` -1 or 1. Returns whether there was one. */
export function moveBlock(view, pos, by) {
  const { doc, tr } = view.state;
  const $pos = doc.resolve(pos);
  const node = $pos.nodeAfter;
  const neighbour = $pos.parent.maybeChild($pos.index() + by);
  if (!node || !neighbour) return false;
  const to = by < 0 ? pos - neighbour.nodeSize : pos + neighbour.nodeSize;
  tr.delete(pos, pos + node.nodeSize).insert(to, node);
  view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, to)).scrollIntoView());
  return true;
}

/** Removes the block, and its gallery if it was the last picture. */
export function removeBlock(view, pos) {
  const { doc, tr } = view.state;
  const $pos = doc.resolve(pos);
  const isOnlyChild = $pos.depth > 0 && $pos.parent.childCount === 1;
  if (isOnlyChild) tr.delete($pos.before(), $pos.after());
  else tr.delete(pos, pos + $pos.nodeAfter.nodeSize);
  view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min($pos.depth ? $pos.before(1) : pos, tr.doc.content.size)))));
  view.focus();
}

/** Changes attributes of a block. */
export function setAttributes(view, pos, attributes) {
  const node = view.state.doc.nodeAt(pos);
  const { tr } = view.state;
  const selected = view.state.selection instanceof NodeSelection && view.state.selection.from === pos;
  tr.setNodeMarkup(pos, null, { ...node.attrs, ...attributes });
  if (selected) tr.setSelection(NodeSelection.create(tr.doc, pos));
  view.dispatch(tr);
}

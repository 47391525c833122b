// Tables. prosemirror-tables handles the cells; it does not support captions, so a table and its caption are siblings
// in a block.

import { Extension, Node } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { CellSelection, goToNextCell, addRowAfter, isInTable, selectedRect, tableEditing } from "@tiptap/pm/tables";

const TableBlock = Node.create({
  name: "tableBlock",
  group: "block",
  content: "tableCaption table",
  isolating: true,
  parseHTML: () => [{ tag: "div[data-table]" }],
  renderHTML: () => ["div", { "data-table": "" }, 0],
});

const TableCaption = Node.create({
  name: "tableCaption",
  content: "inline*",
  defining: true,
  isolating: true,
  parseHTML: () => [{ tag: "div[data-table-caption]" }],
  renderHTML: () => ["div", { "data-table-caption": "" }, 0],
});

const Table = Node.create({
  name: "table",
  content: "tableRow+",
  isolating: true,
  selectable: false,
  parseHTML: () => [{ tag: "table" }],
  renderHTML: () => ["table", ["tbody", 0]],
  extendNodeSchema: (extension) => (extension.name === "table" ? { tableRole: "table" } : {}),
});

const TableRow = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  addAttributes: () => ({
    // Whether the row is in the table's head.
    head: {
      default: false,
      parseHTML: (row) => row.parentElement?.localName === "thead" || row.hasAttribute("data-head"),
      renderHTML: ({ head }) => (head ? { "data-head": "" } : {}),
    },
  }),
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: ({ HTMLAttributes }) => ["tr", HTMLAttributes, 0],
  extendNodeSchema: (extension) => (extension.name === "tableRow" ? { tableRole: "row" } : {}),
});

const span = (name) => ({
  default: 1,
  parseHTML: (cell) => Math.min(Math.max(parseInt(cell.getAttribute(name), 10) || 1, 1), 255),
  renderHTML: (attributes) => (attributes[name] === 1 ? {} : { [name]: attributes[name] }),
});

const cellNode = (name, tag, role, attributes = {}) =>
  Node.create({
    name,
    content: "(paragraph | list)+",
    isolating: true,
    addAttributes: () => ({
      ...attributes,
      colspan: span("colspan"),
      rowspan: span("rowspan"),
      // Required by prosemirror-tables; column widths are automatic.
      colwidth: { default: null, rendered: false, parseHTML: () => null },
    }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
    extendNodeSchema: (extension) => (extension.name === name ? { tableRole: role } : {}),
  });

const TableCell = cellNode("tableCell", "td", "cell");
const TableHeader = cellNode("tableHeader", "th", "header_cell", {
  scope: {
    // The value of a new cell. A parsed cell without the attribute has "".
    default: "col",
    parseHTML: (cell) => cell.getAttribute("scope") ?? "",
    renderHTML: ({ scope }) => (scope ? { scope } : {}),
  },
});

/** A new table with a header row. */
export const newTable = (schema, rows = 3, columns = 3) => {
  const { tableBlock, tableCaption, table, tableRow, tableHeader, tableCell } = schema.nodes;
  const cells = (type) => Array.from({ length: columns }, () => type.createAndFill());
  const body = Array.from({ length: rows - 1 }, () => tableRow.create(null, cells(tableCell)));
  const head = tableRow.create({ head: true }, cells(tableHeader));
  return tableBlock.create(null, [tableCaption.create(), table.create(null, [head, ...body])]);
};

/** Toggles whether the first row is a header row. */
export function toggleHead(state, dispatch) {
  if (!isInTable(state)) return false;
  const { table, tableStart } = selectedRect(state);
  const { tableHeader, tableCell } = state.schema.nodes;
  const row = table.firstChild;
  const head = !row.attrs.head;
  const tr = state.tr.setNodeMarkup(tableStart, null, { ...row.attrs, head });
  row.forEach((cell, offset) => {
    const { colspan, rowspan } = cell.attrs;
    tr.setNodeMarkup(tableStart + 1 + offset, head ? tableHeader : tableCell, { colspan, rowspan });
  });
  dispatch?.(tr);
  return true;
}

/** The node and position of the table around the selection, including its caption; `null` outside of a table. */
export function tableAround({ selection: { $from } }) {
  for (let depth = $from.depth; depth > 0; depth--) {
    const node = $from.node(depth);
    if (node.type.name === "tableBlock") return { node, pos: $from.before(depth) };
  }
  return null;
}

export function deleteTable(state, dispatch) {
  const found = tableAround(state);
  if (!found) return false;
  const tr = state.tr.delete(found.pos, found.pos + found.node.nodeSize);
  dispatch?.(tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(found.pos, tr.doc.content.size)), -1)));
  return true;
}

/** Tab moves to the next cell and adds a row after the last; Backspace and Delete remove a fully selected table. */
const TableKeys = Extension.create({
  name: "tableKeys",
  priority: 900,
  addKeyboardShortcuts() {
    const run = (command) => command(this.editor.state, this.editor.view.dispatch);
    const deleteWhole = () => {
      const { selection } = this.editor.state;
      const whole = selection instanceof CellSelection && selection.isRowSelection() && selection.isColSelection();
      return whole && run(deleteTable);
    };
    const fromCaption = () => {
      const { state, view } = this.editor;
      const { $from } = state.selection;
      if ($from.parent.type.name !== "tableCaption") return false;
      view.dispatch(state.tr.setSelection(TextSelection.near(state.doc.resolve($from.after()))));
      return true;
    };
    return {
      Tab: () => fromCaption() || run(goToNextCell(1)) || (isInTable(this.editor.state) && run(addRowAfter) && run(goToNextCell(1))),
      "Shift-Tab": () => run(goToNextCell(-1)),
      Enter: fromCaption,
      Backspace: deleteWhole,
      Delete: deleteWhole,
    };
  },
  addProseMirrorPlugins: () => [tableEditing()],
});

export const tables = [TableBlock, TableCaption, Table, TableRow, TableHeader, TableCell, TableKeys];

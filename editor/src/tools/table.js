// The tools of a table: they stand under it while the cursor is in it.

import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  deleteColumn,
  deleteRow,
  isInTable,
  mergeCells,
  splitCell,
} from "@tiptap/pm/tables";
import { rovingFocus } from "../dom.js";
import { deleteTable, tableAround, toggleHead } from "../vocabulary/tables.js";
import { bubble } from "./bubble.js";
import { toolButton } from "./buttons.js";

const tools = [
  { sign: "rowBefore", label: "Row above", command: addRowBefore },
  { sign: "rowAfter", label: "Row below", command: addRowAfter },
  { sign: "rowRemove", label: "Remove row", command: deleteRow },
  { sign: "columnBefore", label: "Column before", command: addColumnBefore },
  { sign: "columnAfter", label: "Column after", command: addColumnAfter },
  { sign: "columnRemove", label: "Remove column", command: deleteColumn },
  { sign: "headRow", label: "Header row", command: toggleHead, active: (state) => isInTable(state) && tableAround(state).node.lastChild.firstChild.attrs.head },
  { sign: "merge", label: "Merge cells", command: mergeCells },
  { sign: "split", label: "Split cell", command: splitCell },
  { sign: "remove", label: "Delete table", command: deleteTable },
];

export function tableTool(editor, frame) {
  const panel = bubble(frame, { role: "toolbar", label: "Table" });
  const buttons = tools.map(({ sign, label, command, active }) => {
    const tool = toolButton(editor, {
      sign,
      label,
      run: () => {
        command(editor.state, editor.view.dispatch);
        editor.view.focus();
      },
      active: active && (() => active(editor.state)),
      possible: () => command(editor.state),
    });
    panel.dom.append(tool.dom);
    return tool;
  });
  const focus = rovingFocus(panel.dom, { items: () => buttons.map(({ dom }) => dom) });
  focus.reset();
  panel.dom.addEventListener("keydown", (event) => {
    if (event.key === "Escape") editor.view.focus();
  });
  return {
    dom: panel.dom,
    update(hidden) {
      const found = tableAround(editor.state);
      // Also on the way to these tools, by way of the bar.
      const inside = frame.contains(document.activeElement);
      if (!found || !inside || hidden) return panel.hide();
      buttons.forEach((tool) => tool.update());
      panel.show(() => editor.view.nodeDOM(found.pos)?.getBoundingClientRect?.());
    },
  };
}

// The tools of a table, shown below it while the cursor is in it.

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
import { deleteTable, tableAround, toggleHead } from "../schema/tables.js";
import { texts } from "../texts.js";
import { bubble } from "./bubble.js";
import { toolButton } from "./buttons.js";

const tools = [
  { iconName: "rowBefore", label: texts.row_above, command: addRowBefore },
  { iconName: "rowAfter", label: texts.row_below, command: addRowAfter },
  { iconName: "rowRemove", label: texts.remove_row, command: deleteRow },
  { iconName: "columnBefore", label: texts.column_before, command: addColumnBefore },
  { iconName: "columnAfter", label: texts.column_after, command: addColumnAfter },
  { iconName: "columnRemove", label: texts.remove_column, command: deleteColumn },
  { iconName: "headRow", label: texts.header_row, command: toggleHead, active: (state) => isInTable(state) && tableAround(state).node.lastChild.firstChild.attrs.head },
  { iconName: "merge", label: texts.merge_cells, command: mergeCells },
  { iconName: "split", label: texts.split_cell, command: splitCell },
  { iconName: "remove", label: texts.delete_table, command: deleteTable },
];

export function tableTool(editor, frame) {
  const panel = bubble(frame, { role: "toolbar", label: texts.table });
  const buttons = tools.map(({ iconName, label, command, active }) => {
    const tool = toolButton(editor, {
      iconName,
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
      // The focus may be in the text, the toolbar or these tools.
      const inside = frame.contains(document.activeElement);
      if (!found || !inside || hidden) return panel.hide();
      buttons.forEach((tool) => tool.update());
      panel.show(() => editor.view.nodeDOM(found.pos)?.getBoundingClientRect?.());
    },
  };
}

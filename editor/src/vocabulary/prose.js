// Paragraphs, subheadings, lists and what may stand in a line.

import { InputRule, Mark } from "@tiptap/core";
import { Bold } from "@tiptap/extension-bold";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { Italic } from "@tiptap/extension-italic";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import { isLinkable } from "../addresses.js";

/** An attribute that is written as it was read, and not at all if it was not there. */
export const plainAttribute = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(name),
  renderHTML: (attributes) => (attributes[name] === null ? {} : { [name]: attributes[name] }),
});

/** The language of a passage that is not in the article's own. */
export const passage = { lang: plainAttribute("lang"), dir: plainAttribute("dir") };

// A quote or a picture stands between paragraphs, not inside an item or a cell.
const prose = "block prose";

const OurParagraph = Paragraph.extend({ group: prose, addAttributes: () => passage });
const OurHeading = Heading.extend({ group: prose }).configure({ levels: [2, 3] });
const OurBulletList = BulletList.extend({ group: `${prose} list` });
const OurOrderedList = OrderedList.extend({
  group: `${prose} list`,
  // Numbering starts at 1: the vocabulary has no other.
  addAttributes: () => ({}),
});
const OurListItem = ListItem.extend({ content: "paragraph prose*" });

/** `**bold**` and `_italic_` are typed; what is pasted stays as it is. */
const OurBold = Bold.extend({ addPasteRules: () => [], parseHTML: () => [{ tag: "strong" }, { tag: "b" }] });
const OurItalic = Italic.extend({ addPasteRules: () => [], parseHTML: () => [{ tag: "em" }, { tag: "i" }] });

const lineMark = (name, tag, rest = {}) =>
  Mark.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
    ...rest,
  });
const Subscript = lineMark("subscript", "sub", { excludes: "superscript" });
const Superscript = lineMark("superscript", "sup", { excludes: "subscript" });
/** The title of a book, a film, a ship's log. */
const Cite = lineMark("cite", "cite");

const Link = Mark.create({
  name: "link",
  // Outermost where it is as long as another mark.
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ href: plainAttribute("href"), hreflang: plainAttribute("hreflang") }),
  parseHTML: () => [{ tag: "a[href]", getAttrs: (a) => isLinkable(a.getAttribute("href")) && null }],
  renderHTML: ({ HTMLAttributes }) => ["a", HTMLAttributes, 0],
  addInputRules() {
    return [
      new InputRule({
        find: /(?:^|[^!\\])\[([^\]]+)\]\(([^\s)]+)\)$/,
        handler: ({ state, range, match }) => {
          const [whole, text, href] = match;
          if (!isLinkable(href)) return null;
          const start = range.from + whole.indexOf("[");
          const link = state.schema.text(text, [this.type.create({ href })]);
          state.tr.replaceWith(start, range.to, link).removeStoredMark(this.type);
        },
      }),
    ];
  },
});

export const prosaic = [
  Document,
  Text,
  OurParagraph,
  OurHeading,
  OurBulletList,
  OurOrderedList,
  OurListItem,
  ListKeymap,
  HardBreak,
  Link,
  Cite,
  OurBold,
  OurItalic,
  Subscript,
  Superscript,
];


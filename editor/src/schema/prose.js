// Paragraphs, subheadings, lists and marks.

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

/** An attribute that is serialised as it was parsed, or omitted if it was absent. */
export const plainAttribute = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(name),
  renderHTML: (attributes) => (attributes[name] === null ? {} : { [name]: attributes[name] }),
});

/** The language and direction of a passage in another language than the article's. */
export const passage = { lang: plainAttribute("lang"), dir: plainAttribute("dir") };

// The content of items and cells. Quotes and pictures are not in this group.
const group = "block prose";

const BodyParagraph = Paragraph.extend({ group, addAttributes: () => passage });
const BodyHeading = Heading.extend({ group }).configure({ levels: [2, 3] });
const BodyBulletList = BulletList.extend({ group: `${group} list` });
const BodyOrderedList = OrderedList.extend({
  group: `${group} list`,
  // The sanitiser allows no `start`, so numbering begins at 1.
  addAttributes: () => ({}),
});
const BodyListItem = ListItem.extend({ content: "paragraph prose*" });

/** `**bold**` and `_italic_` are converted when typed, not when pasted. */
const BodyBold = Bold.extend({ addPasteRules: () => [], parseHTML: () => [{ tag: "strong" }, { tag: "b" }] });
const BodyItalic = Italic.extend({ addPasteRules: () => [], parseHTML: () => [{ tag: "em" }, { tag: "i" }] });

const simpleMark = (name, tag, rest = {}) =>
  Mark.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
    ...rest,
  });
const Subscript = simpleMark("subscript", "sub", { excludes: "superscript" });
const Superscript = simpleMark("superscript", "sup", { excludes: "subscript" });
/** The title of a work. */
const Cite = simpleMark("cite", "cite");

const Link = Mark.create({
  name: "link",
  // The outermost of marks with the same length.
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

export const prose = [
  Document,
  Text,
  BodyParagraph,
  BodyHeading,
  BodyBulletList,
  BodyOrderedList,
  BodyListItem,
  ListKeymap,
  HardBreak,
  Link,
  Cite,
  BodyBold,
  BodyItalic,
  Subscript,
  Superscript,
];


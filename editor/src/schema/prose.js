// Paragraphs, subheadings, lists and marks.

import { InputRule, Mark, markInputRule } from "@tiptap/core";
import { Bold } from "@tiptap/extension-bold";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { Italic } from "@tiptap/extension-italic";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import { isAnchor, isLinkable } from "../addresses.js";

/** An attribute that is serialised as it was parsed, or omitted if it was absent. */
export const plainAttribute = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(name),
  renderHTML: (attributes) => (attributes[name] === null ? {} : { [name]: attributes[name] }),
});

/** An attribute whose value must match `pattern`; otherwise it is omitted. */
const restrictedAttribute = (name, pattern) => ({
  ...plainAttribute(name),
  parseHTML: (element) => (pattern.test(element.getAttribute(name) ?? "") ? element.getAttribute(name) : null),
});

/** The language and direction of a passage in another language than the article's. */
export const passage = { lang: plainAttribute("lang"), dir: plainAttribute("dir") };

/** The id that links in the text point to. Of the halves of a split paragraph, the first keeps it. */
const anchor = {
  id: {
    ...plainAttribute("id"),
    keepOnSplit: false,
    parseHTML: (element) => (isAnchor(element.id) ? element.id : null),
  },
};

const number = /^-?\d{1,9}$/;

// The content of items and cells. Quotes and pictures are not in this group.
const group = "block prose";

const BodyParagraph = Paragraph.extend({ group, addAttributes: () => ({ ...anchor, ...passage }) });
const BodyHeading = Heading.extend({
  group,
  addAttributes() {
    return { ...anchor, ...this.parent?.() };
  },
}).configure({ levels: [2, 3] });
const BodyBulletList = BulletList.extend({ group: `${group} list` });
const BodyOrderedList = OrderedList.extend({
  group: `${group} list`,
  addAttributes: () => ({
    // A number, which the rule for `3. ` compares; empty in a reversed list that ends at 1. (`null` would be the default.)
    start: {
      default: 1,
      parseHTML: (element) => {
        const start = element.getAttribute("start") ?? "";
        if (number.test(start)) return Number(start);
        return element.hasAttribute("reversed") ? "" : 1;
      },
      renderHTML: (attributes) => (startOf(attributes) === null ? {} : { start: attributes.start }),
    },
    reversed: {
      default: null,
      parseHTML: (element) => (element.hasAttribute("reversed") ? "" : null),
      renderHTML: ({ reversed }) => (reversed === null ? {} : { reversed }),
    },
    type: restrictedAttribute("type", /^[1aAiI]$/),
  }),
  renderHTML: ({ HTMLAttributes }) => ["ol", HTMLAttributes, 0],
});
const BodyListItem = ListItem.extend({
  content: "paragraph prose*",
  addAttributes: () => ({ ...anchor, value: { ...restrictedAttribute("value", number), keepOnSplit: false } }),
});

/** The `start` of a numbered list; `null` if it is the default. */
export const startOf = ({ start, reversed }) => (start === "" || (start === 1 && reversed === null) ? null : start);

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
/** Struck text. `~~x~~` is converted when typed. */
const Strike = Mark.create({
  name: "strike",
  parseHTML: () => [{ tag: "s" }, { tag: "del" }, { tag: "strike" }],
  renderHTML: ({ HTMLAttributes }) => ["s", HTMLAttributes, 0],
  addInputRules() {
    return [markInputRule({ find: /(?:^|\s)(~~(?!\s+~~)([^~]+)~~(?!\s+~~))$/, type: this.type })];
  },
  addKeyboardShortcuts() {
    return { "Mod-Shift-s": ({ editor }) => editor.commands.toggleMark("strike") };
  },
});
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
  Strike,
  Subscript,
  Superscript,
];


// Parses HTML into a document and serialises it. The output has the form of the server's sanitiser
// (src/text/sanitize.rs, src/text/body.rs), with one block per line.

import { DOMParser as DocumentReader } from "@tiptap/pm/model";
import { startOf } from "./schema/prose.js";

/** The source of each parsed block. An unchanged block is serialised as its source. */
const sources = new WeakMap();

/** Parses HTML without side effects: no scripts, no loading of pictures, and no styles that violate the page's policy. */
export function inertBody(html) {
  const inert = html
    .replace(/<style\b[\s\S]*?(<\/style\s*>|$)/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s"'/])style(\s*=)/gi, "$1data-style$2"));
  // The parser keeps leading white space only inside a body.
  return new DOMParser().parseFromString(`<body>${inert}`, "text/html").body;
}

/** Transforms elements as the schema expects them: a table and its caption are siblings in a block. */
export function prepare(body) {
  for (const table of body.querySelectorAll("table")) {
    if (table.closest("[data-table]")) continue;
    const block = body.ownerDocument.createElement("div");
    const caption = body.ownerDocument.createElement("div");
    block.setAttribute("data-table", "");
    caption.setAttribute("data-table-caption", "");
    caption.append(...(table.caption?.childNodes ?? []));
    table.caption?.remove();
    table.replaceWith(block);
    block.append(caption, table);
  }
  for (const footer of body.querySelectorAll("blockquote > footer, aside.pull-quote > footer")) footer.parentElement.append(footer);
  return body;
}

/** Parses `html` into a document. */
export function read(schema, html) {
  const body = inertBody(html);
  const elements = [...body.children].map((element) => element.cloneNode(true));
  const blocks = blockSources(body, html);
  const doc = withTrailingParagraph(DocumentReader.fromSchema(schema).parse(prepare(body)));
  blocks?.forEach((source, index) => {
    const block = doc.maybeChild(index);
    if (block && equalIgnoringSpace(elements[index], inertBody(writeBlock(block)).firstElementChild)) sources.set(block, source);
  });
  return doc;
}

/** The part of `html` of each top-level element, with white space; `null` if there is anything else than elements. */
function blockSources(body, html) {
  const found = [];
  let space = "";
  for (const node of body.childNodes) {
    if (node.nodeType === 1) {
      found.push(space + node.outerHTML);
      space = "";
    } else if (node.nodeType === 3 && !node.data.trim()) space += node.data;
    else return null;
  }
  if (found.length) found.push(found.pop() + space);
  return found.join("") === html ? found : null;
}

function equalIgnoringSpace(one, other) {
  const bare = (element) => {
    const copy = element.cloneNode(true);
    const walker = copy.ownerDocument.createTreeWalker(copy, 4);
    const empty = [];
    while (walker.nextNode()) {
      walker.currentNode.data = walker.currentNode.data.replace(/[ \t\r\n\f]+/g, "");
      if (!walker.currentNode.data) empty.push(walker.currentNode);
    }
    empty.forEach((text) => text.remove());
    return copy;
  };
  return Boolean(one && other) && bare(one).isEqualNode(bare(other));
}

const needsParagraphAfter = ["figure", "gallery", "alsoRead", "embed", "tableBlock", "blockquote", "pullQuote"];

/** Whether the last block has no place for the cursor below it. */
export const needsTrailingParagraph = (doc) => needsParagraphAfter.includes(doc.lastChild?.type.name);

function withTrailingParagraph(doc) {
  return needsTrailingParagraph(doc) ? doc.copy(doc.content.addToEnd(doc.type.schema.nodes.paragraph.create())) : doc;
}

/** Serialises a document as HTML. Empty blocks are skipped. */
export function write(doc) {
  let html = "";
  doc.forEach((block) => {
    const source = sources.get(block);
    const written = source ?? writeBlock(block);
    if (source === undefined && written && html && !html.endsWith("\n")) html += "\n";
    html += written;
  });
  return html;
}

const writers = {
  paragraph: (node) => node.childCount && element("p", { id: node.attrs.id, lang: node.attrs.lang, dir: node.attrs.dir }, inline(node)),
  heading: (node) => node.childCount && element(`h${node.attrs.level}`, { id: node.attrs.id }, inline(node)),
  bulletList: (node) => list("ul", {}, node),
  orderedList: (node) => list("ol", { start: startOf(node.attrs), reversed: node.attrs.reversed, type: node.attrs.type }, node),
  listItem: (node) => element("li", { id: node.attrs.id, value: node.attrs.value }, flow(node)),
  blockquote: (node) => quote("blockquote", { lang: node.attrs.lang, dir: node.attrs.dir }, node),
  pullQuote: (node) => quote("aside", { class: "pull-quote" }, node),
  attribution: (node) => node.childCount && element("footer", {}, inline(node)),
  tableBlock: (node) => element("table", {}, writeBlock(node.firstChild) + rows(node.lastChild)),
  tableCaption: (node) => node.childCount && element("caption", {}, inline(node)),
  tableRow: (node) => element("tr", {}, children(node).map(writeBlock).join("")),
  tableHeader: (node) => element("th", { scope: node.attrs.scope || null, ...spans(node) }, flow(node)),
  tableCell: (node) => element("td", spans(node), flow(node)),
  figure: ({ attrs }) =>
    element("figure", { "data-media": attrs.id, "data-alt": attrs.alt, "data-caption": attrs.caption, "data-credit": attrs.credit }),
  gallery: (node) => element("div", { "data-gallery": node.attrs.caption }, children(node).map(writeBlock).join("")),
  alsoRead: ({ attrs }) => element("aside", { "data-also-read": attrs.id }),
  embed: ({ attrs }) => element("div", { "data-embed": attrs.url, "data-title": attrs.title }),
};

const writeBlock = (node) => writers[node.type.name](node) || "";

const children = (node) => node.content.content;

function list(tag, attributes, node) {
  const items = children(node).filter((item) => item.textContent || item.childCount > 1).map(writeBlock);
  return items.length && element(tag, attributes, `\n${items.join("\n")}\n`);
}

function quote(tag, attributes, node) {
  const content = children(node).map(writeBlock).join("");
  return content && element(tag, attributes, content);
}

/** The `thead` with the header rows at the top, and the `tbody` with the others. */
function rows(table) {
  const all = children(table);
  const body = all.findIndex((row) => !row.attrs.head);
  const cut = body < 0 ? all.length : body;
  const part = (tag, group) => (group.length ? element(tag, {}, group.map(writeBlock).join("")) : "");
  return part("thead", all.slice(0, cut)) + part("tbody", all.slice(cut));
}

const spans = ({ attrs: { colspan, rowspan } }) => ({
  colspan: colspan > 1 ? String(colspan) : null,
  rowspan: rowspan > 1 ? String(rowspan) : null,
});

/** The contents of an item or a cell: a single plain paragraph is serialised without `<p>`. */
function flow(node) {
  const blocks = children(node).filter((block, index) => index > 0 || block.childCount);
  const paragraphs = blocks.filter((block) => block.type.name === "paragraph");
  const [first] = blocks;
  const bare = paragraphs.length === 1 && paragraphs[0] === first && !first.attrs.id && !first.attrs.lang && !first.attrs.dir;
  return blocks.map((block) => (bare && block === first ? inline(block) : writeBlock(block))).join("");
}

const markTags = { link: "a", bold: "strong", italic: "em", strike: "s", cite: "cite", subscript: "sub", superscript: "sup" };

/** The inline content of a block. Of marks that start together, the longest is outermost. */
const inline = (node) => nested(children(node), []);

function nested(pieces, around) {
  let html = "";
  for (let i = 0; i < pieces.length; ) {
    let outer;
    let end = i + 1;
    for (const mark of pieces[i].marks.filter((mark) => !mark.isInSet(around))) {
      let to = i + 1;
      while (to < pieces.length && mark.isInSet(pieces[to].marks)) to++;
      if (!outer || to > end) [outer, end] = [mark, to];
    }
    if (outer) {
      const inside = nested(pieces.slice(i, end), outer.addToSet(around));
      html += element(markTags[outer.type.name], outer.attrs, inside);
    } else {
      html += pieces[i].isText ? escaped(pieces[i].text) : "<br>";
    }
    i = end;
  }
  return html;
}

function element(tag, attributes, content = "") {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('"', "&quot;")}"`);
  return `<${tag}${written.join("")}>${content}</${tag}>`;
}

const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\u00a0", "&nbsp;");

// Cleans HTML pasted from Word, Google Docs and web pages: keeps the structure, drops the formatting.

import { inertBody, prepare } from "./html.js";

/** Pasted HTML, reduced to the elements of a body. No text is lost. */
export function cleanHtml(html) {
  // Copied from this editor.
  if (/\bdata-pm-slice\b/.test(html)) return html;
  const body = inertBody(html.replace(/<!--[\s\S]*?-->|<!\[(?:if|endif)[^>]*>/gi, ""));
  remove(body, "script, meta, link, title, xml, svg, img, picture, video, audio, iframe, object, button, input, select, textarea, template, noscript");
  wordLists(body);
  headings(body);
  emphasis(body);
  links(body);
  for (const quote of body.querySelectorAll("p.MsoQuote, p.MsoIntenseQuote")) wrap(quote, "blockquote");
  layoutTables(body);
  paragraphs(body);
  spaces(body);
  // Word and Google Docs set these on every element.
  for (const element of body.querySelectorAll("[lang], [dir]")) for (const name of ["lang", "dir"]) element.removeAttribute(name);
  // The ids of the source document, whose links are removed.
  for (const element of body.querySelectorAll("[id]")) element.removeAttribute("id");
  remove(body, "p, h2, h3", (block) => !block.textContent.trim());
  return prepare(body).innerHTML;
}

const styleOf = (element) => element.getAttribute("data-style") ?? "";

function remove(body, selector, condition = () => true) {
  for (const element of body.querySelectorAll(selector)) if (condition(element)) element.remove();
}

function rename(element, tag) {
  const renamed = element.ownerDocument.createElement(tag);
  for (const { name, value } of element.attributes) renamed.setAttribute(name, value);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

function wrap(element, tag) {
  const around = element.ownerDocument.createElement(tag);
  element.replaceWith(around);
  around.append(element);
}

function wrapContent(element, tag) {
  const around = element.ownerDocument.createElement(tag);
  around.append(...element.childNodes);
  element.append(around);
}

const unwrap = (element) => element.replaceWith(...element.childNodes);

/** Word exports list items as paragraphs whose style contains the list and the level. */
function wordLists(body) {
  let lists = [];
  for (const item of body.querySelectorAll("p, h1, h2, h3")) {
    const [, level] = /mso-list:[^;]*\blevel(\d)/i.exec(styleOf(item)) ?? [];
    if (!level) {
      lists = [];
      continue;
    }
    if (lists.length && lists[0].nextElementSibling !== item) lists = [];
    const markers = [...item.querySelectorAll("span")].filter((span) => /mso-list:\s*ignore/i.test(styleOf(span)));
    const tag = /^\s*\(?(\d+|[a-z]|[ivxlc]+)[.)]/i.test(markers[0]?.textContent ?? "") ? "ol" : "ul";
    markers.forEach((marker) => marker.remove());
    lists.length = Math.min(lists.length, Number(level));
    if (lists.length === Number(level) && lists.at(-1).localName !== tag) lists.pop();
    while (lists.length < Number(level)) {
      const list = body.ownerDocument.createElement(tag);
      const parent = lists.at(-1);
      if (parent) (parent.lastElementChild ?? parent.appendChild(body.ownerDocument.createElement("li"))).append(list);
      else item.before(list);
      lists.push(list);
    }
    const li = body.ownerDocument.createElement("li");
    li.append(...item.childNodes);
    lists.at(-1).append(li);
    item.remove();
  }
}

/** Maps all headings to the two levels of a body, h2 and h3. */
function headings(body) {
  for (const heading of body.querySelectorAll("h1, h4, h5, h6, p.MsoTitle")) rename(heading, /^h[456]$/.test(heading.localName) ? "h3" : "h2");
  for (const heading of body.querySelectorAll("h2, h3")) {
    heading.querySelectorAll("b, strong, span").forEach(unwrap);
    heading.querySelectorAll("br").forEach((br) => br.replaceWith(" "));
  }
}

/** Word uses elements for bold and italic; Google Docs uses styles, and also bold elements styled as normal. */
function emphasis(body) {
  for (const element of body.querySelectorAll("b, strong")) if (/(^|[;\s])font-weight:\s*(normal|[1-4]00)/i.test(styleOf(element))) unwrap(element);
  for (const element of body.querySelectorAll("i, em")) if (/(^|[;\s])font-style:\s*normal/i.test(styleOf(element))) unwrap(element);
  for (const span of body.querySelectorAll("span, font")) {
    const style = styleOf(span);
    if (/(^|[;\s])font-weight:\s*(bold|[6-9]00)/i.test(style) && !span.closest("b, strong, th")) wrapContent(span, "strong");
    if (/(^|[;\s])font-style:\s*italic/i.test(style) && !span.closest("i, em, cite")) wrapContent(span, "em");
    if (/text-decoration[^;]*:[^;]*line-through/i.test(style) && !span.closest("s, del, strike")) wrapContent(span, "s");
    if (/vertical-align:\s*super/i.test(style) && !span.closest("sup")) wrapContent(span, "sup");
    if (/vertical-align:\s*sub/i.test(style) && !span.closest("sub")) wrapContent(span, "sub");
    unwrap(span);
  }
  // Empty or blank emphasis.
  for (const element of body.querySelectorAll("b, strong, i, em, u, s, del, strike, sup, sub, a")) {
    if (!element.textContent.trim() && !element.querySelector("br")) unwrap(element);
  }
}

function links(body) {
  for (const link of body.querySelectorAll("a")) {
    const href = link.getAttribute("href") ?? "";
    // Google Docs wraps every link in a redirect.
    const [, target] = /^https?:\/\/www\.google\.com\/url\?(?:.*&)?q=([^&]+)/.exec(href) ?? [];
    if (target) link.setAttribute("href", decodeURIComponent(target));
    // Links to footnotes or a table of contents of the source document.
    if (!href || href.startsWith("#") || /^(file|about):/i.test(href)) unwrap(link);
  }
}

/** A table with one cell is only a frame. */
function layoutTables(body) {
  for (const table of body.querySelectorAll("table")) {
    const cells = table.querySelectorAll("td, th");
    if (cells.length === 1) table.replaceWith(...cells[0].childNodes);
  }
}

const BLOCKS = "p, h2, h3, ul, ol, table, blockquote, div, section, article, main, header, aside, hr, pre, figure";

/** Two line breaks start a new paragraph; those between blocks are dropped. */
function paragraphs(body) {
  remove(body, "br.Apple-interchange-newline");
  for (const br of body.querySelectorAll("br")) {
    if (["previousSibling", "nextSibling"].some((side) => contentBeside(br, side)?.matches?.(BLOCKS))) br.remove();
  }
  for (const block of [...body.querySelectorAll("p, div")].filter((block) => !block.querySelector(BLOCKS))) {
    const pieces = [[]];
    for (const node of [...block.childNodes]) {
      const blank = node.nodeType === 3 && !node.data.trim();
      if (node.nodeName === "BR" && pieces.at(-1).at(-1)?.nodeName === "BR") {
        pieces.at(-1).pop();
        pieces.push([]);
      } else if (!(blank && pieces.at(-1).at(-1)?.nodeName === "BR")) pieces.at(-1).push(node);
    }
    if (pieces.length === 1 && block.localName === "p") continue;
    const split = pieces.map((piece) => {
      const paragraph = body.ownerDocument.createElement("p");
      paragraph.append(...piece);
      return paragraph;
    });
    block.replaceWith(...split);
  }
  for (const paragraph of body.querySelectorAll("p")) if (paragraph.lastChild?.nodeName === "BR") paragraph.lastChild.remove();
}

/** The node next to a line break, without blank text and other breaks. */
function contentBeside(br, side) {
  let node = br[side];
  while (node && (node.nodeName === "BR" || (node.nodeType === 3 && !node.data.trim()))) node = node[side];
  return node;
}

/** Keeps non-breaking spaces at numbers, signs and French punctuation; the others become spaces. */
function spaces(body) {
  const walker = body.ownerDocument.createTreeWalker(body, 4);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    text.data = text.data
      .replace(/[\u200b\u00ad\ufeff]/g, "")
      .replace(/[ \t\r\n\u00a0]*(?:[ \t\r\n]\u00a0|\u00a0[ \t\r\n\u00a0])[ \t\r\n\u00a0]*/g, " ")
      .replace(/\u00a0/g, (space, at, all) => (/[\d«§№–—]/.test(all[at - 1] ?? "") || /[\d»;:!?%€£$°–—]/.test(all[at + 1] ?? "") ? space : " "));
  }
}

// Blocks that the server renders: pictures, galleries, cards of other articles, videos.

import { Node } from "@tiptap/core";
import { isEmbeddable } from "../addresses.js";
import { plainAttribute } from "./prose.js";
import { alsoReadView } from "../views/also-read.js";
import { embedView } from "../views/embed.js";
import { figureView } from "../views/figure.js";
import { galleryView } from "../views/gallery.js";

const dataAttribute = (name, fallback = null) => ({
  default: fallback,
  parseHTML: (element) => element.getAttribute(`data-${name}`) ?? fallback,
  renderHTML: (attributes) => (attributes[name] === null ? {} : { [`data-${name}`]: attributes[name] }),
});

const id = (attribute) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(attribute),
  renderHTML: ({ id }) => ({ [attribute]: id }),
});

const isId = (text) => /^[1-9]\d*$/.test(text ?? "");

const marker = { group: "block", atom: true, draggable: true, isolating: true };

/** A picture. An attribute that is `null` has the value of the library. */
const Figure = Node.create({
  name: "figure",
  ...marker,
  addAttributes: () => ({
    id: id("data-media"),
    alt: dataAttribute("alt"),
    caption: dataAttribute("caption"),
    credit: dataAttribute("credit"),
  }),
  parseHTML: () => [{ tag: "figure[data-media]", getAttrs: (figure) => isId(figure.dataset.media) && null }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],
  addNodeView: () => figureView,
});

const Gallery = Node.create({
  name: "gallery",
  ...marker,
  atom: false,
  content: "figure+",
  addAttributes: () => ({ caption: { ...dataAttribute("gallery", ""), renderHTML: ({ caption }) => ({ "data-gallery": caption }) } }),
  parseHTML: () => [{ tag: "div[data-gallery]", getAttrs: (div) => Boolean(div.querySelector("figure[data-media]")) && null }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes, 0],
  addNodeView: () => galleryView,
});

const AlsoRead = Node.create({
  name: "alsoRead",
  ...marker,
  addAttributes: () => ({ id: id("data-also-read") }),
  parseHTML: () => [{ tag: "aside[data-also-read]", getAttrs: (aside) => isId(aside.dataset.alsoRead) && null }],
  renderHTML: ({ HTMLAttributes }) => ["aside", HTMLAttributes],
  addNodeView: () => alsoReadView,
});

const Embed = Node.create({
  name: "embed",
  ...marker,
  addAttributes: () => ({
    url: { ...plainAttribute("data-embed"), renderHTML: ({ url }) => ({ "data-embed": url }) },
    title: dataAttribute("title", ""),
  }),
  parseHTML: () => [{ tag: "div[data-embed]", getAttrs: (div) => isEmbeddable(div.dataset.embed) && null }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addNodeView: () => embedView,
});

export const markers = [Figure, Gallery, AlsoRead, Embed];

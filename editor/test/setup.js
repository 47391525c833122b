// A document for code that runs in browsers, and the vocabulary's schema.

import { JSDOM } from "jsdom";

const { window } = new JSDOM("", { url: "https://paper.example/admin/" });
for (const name of ["window", "document", "navigator", "location", "DOMParser"]) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}

const { getSchema } = await import("@tiptap/core");
const { vocabulary } = await import("../src/vocabulary/index.js");
export const schema = getSchema(vocabulary);

export const { read, write } = await import("../src/html.js");

/** What is written of a document when nothing remembers how its blocks were written. */
export const writtenAnew = (html) => write(schema.nodeFromJSON(read(schema, html).toJSON()));

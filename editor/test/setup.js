// A DOM for the tests, and the editor's schema.

import { JSDOM } from "jsdom";

const { window } = new JSDOM("", { url: "https://paper.example/admin/" });
for (const name of ["window", "document", "navigator", "location", "DOMParser"]) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}

const { getSchema } = await import("@tiptap/core");
const { extensions } = await import("../src/schema/index.js");
export const schema = getSchema(extensions);

export const { read, write } = await import("../src/html.js");

/** Serialises the parsed document without the sources of its blocks. */
export const reserialised = (html) => write(schema.nodeFromJSON(read(schema, html).toJSON()));

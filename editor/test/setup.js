// A DOM for the tests, with the editor's texts, and the editor's schema.

import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

/** Reads a table of the English texts. */
export function textsOf(table) {
  const file = readFileSync(new URL("../../locales/newsroom/en.toml", import.meta.url), "utf8");
  const lines = file.split(`\n[${table}]\n`)[1].split("\n[")[0];
  // Strings are as in JSON; only the keys of a text's plural forms are not.
  const value = (toml) => JSON.parse(toml.startsWith("{") ? toml.replace(/(\w+) = "/g, '"$1": "') : toml);
  return Object.fromEntries([...lines.matchAll(/^(\w+) = (.+)$/gm)].map(([, key, toml]) => [key, value(toml)]));
}

const { window } = new JSDOM('<!doctype html><html lang="en-GB">', { url: "https://paper.example/admin/" });
window.document.body.setAttribute("data-texts-editor", JSON.stringify(textsOf("script_editor")));
for (const name of ["window", "document", "navigator", "location", "DOMParser"]) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}

await import("../../static/js/admin.js");
const { getSchema } = await import("@tiptap/core");
const { extensions } = await import("../src/schema/index.js");
export const schema = getSchema(extensions);

export const { read, write } = await import("../src/html.js");

/** Serialises the parsed document without the sources of its blocks. */
export const reserialised = (html) => write(schema.nodeFromJSON(read(schema, html).toJSON()));

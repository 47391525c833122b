import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { textsOf } from "./setup.js";

const here = (path) => new URL(path, import.meta.url);
const sources = readdirSync(here("../src/"), { recursive: true }).filter((name) => name.endsWith(".js"));
const scripts = {
  article: ["../../static/js/article.js"],
  edition: ["../../static/js/edition.js"],
  editor: ["../../static/js/pick-media.js", ...sources.map((name) => `../src/${name}`)],
  import: ["../../static/js/import.js"],
  media: ["../../static/js/media.js"],
};

test("the texts that scripts use are those of their tables", () => {
  for (const [name, files] of Object.entries(scripts)) {
    const code = files.map((file) => readFileSync(here(file), "utf8")).join("\n");
    const used = new Set([...code.matchAll(/(?<![./\w])texts\.(\w+)/g)].map(([, key]) => key));
    assert.deepEqual([...used].sort(), Object.keys(textsOf(`script_${name}`)).sort(), name);
  }
});

test("texts are filled with values and have plural forms", () => {
  const { fillIn, plural } = window.dateline;
  assert.equal(fillIn("{a}, {b} {c}", { a: "{b}", b: 0 }), "{b}, 0 {c}");
  const forms = { one: "{n} word", other: "{n} words" };
  assert.deepEqual([0, 1, 1234].map((n) => plural(forms, n)), ["0 words", "1 word", "1,234 words"]);
  assert.equal(plural({ other: "{n} done, {failed} failed" }, 1, { failed: 2 }), "1 done, 2 failed");
});

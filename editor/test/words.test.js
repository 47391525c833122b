import assert from "node:assert/strict";
import { test } from "node:test";
import { read, schema } from "./setup.js";
import { countWords, readingMinutes } from "../src/words.js";

test("words are counted as on the server", () => {
  const words = (html) => countWords(read(schema, html));
  assert.equal(words("<p>One<strong>two</strong></p><p>three &amp; four</p>"), 4);
  assert.equal(words("<p>a</p><figure data-media=\"3\" data-alt=\"x y\"></figure><h2>b</h2><aside class=\"pull-quote\"><p>c</p></aside><p>d</p>"), 4);
  assert.equal(words("<p>a<br>b c&nbsp;d</p>"), 4);
  assert.equal(words("<table><caption>a b</caption><tbody><tr><td>c</td><td>d</td></tr></tbody></table>"), 4);
  assert.equal(words(""), 0);
});

test("the reading time is at least a minute", () => {
  assert.deepEqual([0, 359, 360, 700].map(readingMinutes), [1, 1, 2, 3]);
});

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { read, schema, write, reserialised } from "./setup.js";

const roundTrip = (html) => write(read(schema, html));

/** Bodies with every element that src/text/sanitize.rs allows, in the form that it produces. */
const examples = [
  "<p>One <em>two</em> <strong>three</strong> <a href=\"/news\">four</a></p>",
  "<p>Five<br>six<sub>7</sub> eight<sup>9</sup> <cite>The Salt Ledger</cite></p>",
  "<p lang=\"ar\" dir=\"rtl\">مرحبا</p>\n<p lang=\"fr\">Bonjour</p>\n<p dir=\"auto\">?</p>",
  "<p>&lt;b&gt; &amp;amp; \"quotes\" 5&nbsp;km “x”</p>",
  "<p><a href=\"https://example.org/?a=1&amp;b=&quot;2&quot;\" hreflang=\"fr\">x</a></p>",
  "<p><em>All <a href=\"/a\">of <strong>it</strong></a> nested</em></p>",
  "<p><a href=\"/a\"><strong>a</strong> and <em>b</em></a></p>",
  "<p>in<em>side</em> a word, <a href=\"mailto:a@b.example\">a</a><a href=\"tel:+123\">b</a></p>",
  "<h2>A <em>b</em></h2>\n<h3>C</h3>",
  "<ul>\n<li>A</li>\n<li>B <em>b</em></li>\n</ul>\n<ol>\n<li>C</li>\n</ol>",
  "<ul>\n<li>A<ol>\n<li>B</li>\n<li>C</li>\n</ol></li>\n<li><p>D</p><p>E</p></li>\n<li><p lang=\"fr\">F</p></li>\n</ul>",
  "<ol start=\"3\" type=\"a\">\n<li>A</li>\n<li value=\"-7\">B</li>\n</ol>\n<ol reversed=\"\">\n<li>C</li>\n</ol>\n<ol start=\"1\" reversed=\"\">\n<li>D</li>\n</ol>",
  "<p>Not <s>this <em>one</em></s></p>",
  "<h2 id=\"text-a\">A</h2>\n<p id=\"text-b\" lang=\"fr\"><a href=\"#text-a\">B</a></p>\n<ul>\n<li id=\"text-é_1\">C</li>\n<li><p id=\"text-d\">D</p></li>\n</ul>",
  "<blockquote><p>Q</p><p>R</p><footer>Who, <cite>where</cite></footer></blockquote>",
  "<blockquote lang=\"fr\" dir=\"ltr\"><p>Q</p></blockquote>",
  "<blockquote><p>Q</p><ul>\n<li>A</li>\n</ul><blockquote><p>R</p></blockquote></blockquote>",
  "<aside class=\"pull-quote\"><p>Q</p></aside>\n<aside class=\"pull-quote\"><p>Q</p><footer>Who</footer></aside>",
  "<table><caption>T <em>t</em></caption><thead><tr><th scope=\"col\">A</th><th>B</th></tr></thead><tbody><tr><th scope=\"row\">1</th><td>2</td></tr></tbody></table>",
  "<table><tbody><tr><td colspan=\"2\">1</td></tr><tr><td rowspan=\"2\">2</td><td></td></tr><tr><td><p>a</p><p>b</p></td></tr></tbody></table>",
  "<table><thead><tr><th scope=\"colgroup\" colspan=\"2\" rowspan=\"1\">A</th></tr></thead></table>".replace(" rowspan=\"1\"", ""),
  "<table><tbody><tr><td>a<ul>\n<li>b</li>\n</ul></td></tr></tbody></table>",
  "<figure data-media=\"7\" data-alt=\"A &amp; &quot;B&quot; &lt;c&gt;&nbsp;d\" data-caption=\"C\" data-credit=\"D\"></figure>",
  "<figure data-media=\"7\" data-alt=\"\"></figure>\n<figure data-media=\"7\"></figure>\n<figure data-media=\"9007199254740993\" data-credit=\"\"></figure>",
  "<div data-gallery=\"G\"><figure data-media=\"1\"></figure><figure data-media=\"2\" data-caption=\"c\"></figure></div>",
  "<div data-gallery=\"\"><figure data-media=\"1\"></figure></div>",
  "<p>a</p>\n<aside data-also-read=\"12\"></aside>\n<p>b</p>",
  "<div data-embed=\"https://www.youtube.com/watch?v=x&amp;t=1\" data-title=\"T\"></div>\n<div data-embed=\"https://vimeo.com/1\" data-title=\"\"></div>",
];

test("a body round-trips byte for byte", () => {
  for (const html of [...examples, examples.join("\n"), ""]) {
    assert.equal(roundTrip(html), html);
    assert.equal(reserialised(html), html);
  }
});

// The demo edition refers to pictures and articles by name.
const demo = new URL("../../demo/articles/", import.meta.url);
const bodies = readdirSync(demo).map((file) => {
  const body = readFileSync(new URL(file, demo), "utf8").split("+++\n")[2];
  let id = 0;
  return body
    .replace(/data-scene="[^"]*" data-seed="[^"]*"/g, () => `data-media="${++id}"`)
    .replace(/data-also-read="[^"]*"/g, () => `data-also-read="${++id}"`)
    .replace(/(<div data-gallery="[^"]*">)\n([\s\S]*?)\n(<\/div>)/g, (_, open, figures, close) => open + figures.replaceAll("\n", "") + close);
});

test("every article of the demo edition round-trips unchanged", () => {
  assert.ok(bodies.length > 40);
  for (const html of bodies) {
    assert.equal(roundTrip(html), html);
    const normalise = (text) => text.trimEnd().replace(/\n(?=<li>|<\/[uo]l>)/g, "");
    assert.equal(normalise(reserialised(html)), normalise(html));
  }
});

test("unchanged blocks keep their white space and attribute order", () => {
  for (const html of [
    "<p>a</p><p>b</p>",
    "\n<p>a\n  b</p>\n\n\n<p dir=\"rtl\" lang=\"ar\">c</p> ",
    "<ul><li>a</li><li>b</li></ul><table>\n<tbody>\n<tr><td>1</td></tr>\n</tbody>\n</table>",
    "<blockquote>\n<p>Q</p>\n<footer>W</footer>\n</blockquote>",
  ]) {
    assert.equal(roundTrip(html), html);
  }
});

test("only a changed block is serialised again", () => {
  const doc = read(schema, "<p>a\nb</p><p>c\nd</p>\n\n<h2>e</h2>");
  const changed = doc.replace(0, doc.firstChild.nodeSize, read(schema, "<p>new</p>").slice(0, 5));
  assert.equal(write(changed), "<p>new</p><p>c\nd</p>\n\n<h2>e</h2>");
});

test("empty blocks are not serialised", () => {
  assert.equal(roundTrip("<p>a</p>\n<p></p>\n<h2></h2>\n<ul>\n<li></li>\n</ul>\n<blockquote><p></p></blockquote>\n<p>b</p>"), "<p>a</p>\n<p>b</p>");
});

test("unknown markup is removed, its text is kept", () => {
  assert.equal(roundTrip("loose <u>text</u><p>a</p>"), "<p>loose text</p>\n<p>a</p>");
  assert.equal(roundTrip("<p id=\"share\">a</p><h2 id=\"text-\\\"\">b</h2>"), "<p>a</p>\n<h2>b</h2>");
  assert.equal(roundTrip("<ol start=\"x\" type=\"disc\"><li value=\"y\">a</li></ol>"), "<ol>\n<li>a</li>\n</ol>");
  assert.equal(roundTrip("<p><del>a</del> <strike>b</strike></p>"), "<p><s>a</s> <s>b</s></p>");
  assert.equal(roundTrip("<ul><li>a</li><ul><li>b</li></ul></ul>"), "<ul>\n<li>a<ul>\n<li>b</li>\n</ul></li>\n</ul>");
  assert.equal(roundTrip("<p><a href=\"javascript:x()\">a</a></p>"), "<p>a</p>");
  assert.equal(roundTrip("<blockquote>Q<footer>W</footer></blockquote>"), "<blockquote><p>Q</p><footer>W</footer></blockquote>");
  assert.equal(roundTrip("<blockquote><footer>W</footer><p>Q</p></blockquote>"), "<blockquote><p>Q</p><footer>W</footer></blockquote>");
  assert.equal(roundTrip("<figure data-media=\"x\"></figure><div data-gallery=\"g\"></div><div data-embed=\"https://evil.example/\"></div><p>a</p>"), "<p>a</p>");
});

test("a picture inside a list or a quote is moved out of it", () => {
  const figure = "<figure data-media=\"1\"></figure>";
  assert.match(roundTrip(`<ul><li>a${figure}</li><li>b</li></ul>`), new RegExp(`<li>a</li>[^]*${figure}[^]*<li>b</li>`));
  const quoted = roundTrip(`<blockquote><p>a</p>${figure}<p>b</p></blockquote>`);
  for (const part of ["<p>a</p>", figure, "<p>b</p>"]) assert.ok(quoted.includes(part), quoted);
});

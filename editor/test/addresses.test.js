import assert from "node:assert/strict";
import { test } from "node:test";
import "./setup.js";
import { anchorOf, isAnchor, isLinkable, linkTarget, videoPage } from "../src/addresses.js";

test("input for a link is normalised to an address", () => {
  for (const [input, href] of [
    ["https://example.org/a?b#c", "https://example.org/a?b#c"],
    [" example.org/a ", "https://example.org/a"],
    ["example.org:8080/a", "https://example.org:8080/a"],
    ["/2026/a", "/2026/a"],
    ["https://paper.example/2026/a?x", "/2026/a?x"],
    ["desk@example.org", "mailto:desk@example.org"],
    ["tel:+4412345", "tel:+4412345"],
    ["javascript:alert(1)", null],
    ["//evil.example", null],
    ["/\\evil.example", null],
    ["two words", null],
    ["word", null],
    ["", null],
  ]) {
    assert.equal(linkTarget(input), href, input);
  }
  assert.ok(isLinkable("/a") && isLinkable("HTTPS://a") && isLinkable("mailto:a@b"));
  assert.ok(!isLinkable("javascript:x") && !isLinkable("data:text/html,x") && !isLinkable(" "));
});

test("all forms of video URLs are normalised to one", () => {
  const page = "https://www.youtube.com/watch?v=aqz-KE_bpKQ";
  for (const copied of [
    page,
    `${page}&t=12s`,
    "https://youtu.be/aqz-KE_bpKQ?si=x",
    "http://m.youtube.com/watch?v=aqz-KE_bpKQ",
    "https://youtube.com/shorts/aqz-KE_bpKQ",
    "https://www.youtube.com/embed/aqz-KE_bpKQ",
  ]) {
    assert.equal(videoPage(copied), page, copied);
  }
  assert.equal(videoPage("https://vimeo.com/1084537"), "https://vimeo.com/1084537");
  assert.equal(videoPage("https://player.vimeo.com/video/1084537"), "https://vimeo.com/1084537");
  for (const other of ["https://example.org/watch?v=x", "https://www.youtube.com/", "https://www.youtube.com.evil.example/watch?v=x", "see https://youtu.be/x"]) {
    assert.equal(videoPage(other), null, other);
  }
});

test("names in a text become ids that no element of a page has", () => {
  for (const [input, id] of [
    ["method", "text-method"],
    [" #Our method ", "text-Our-method"],
    ["#text-méthode_1", "text-méthode_1"],
    ["", null],
    ["#", null],
  ]) {
    assert.equal(anchorOf(input), id);
    if (id) assert.ok(isAnchor(id));
  }
  for (const other of ["share", "text-", "text-a b", "text-\"", ""]) assert.ok(!isAnchor(other), other);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { reserialised } from "./setup.js";
import { cleanHtml } from "../src/clean.js";

const pasted = (html) => reserialised(cleanHtml(html));

test("text from Word keeps lists, emphasis and tables, and loses its formatting", () => {
  const word = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15">
<style><!-- p.MsoNormal {margin:0cm} --></style></head><body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='margin:0cm'><span lang=EN-US style='font-size:20.0pt;font-weight:bold'>The price of
passage<o:p></o:p></span></h1>
<p class=MsoNormal style='mso-margin-top-alt:auto'><b style='mso-bidi-font-weight:normal'><span lang=EN-US>STENHAVN, 3 March (Reuters) –</span></b> Money was <i>left</i>&nbsp; for later.<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>One</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span><![endif]>Half</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Two<a href="#_ftn1" name="_ftnref1"><sup>[1]</sup></a></p>
<h4>Deep</h4>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr style='height:1cm'><td width=10 style='border:solid'><p class=MsoNormal>A</p></td><td><p class=MsoNormal><b>B</b></p></td></tr></table>
<p class=MsoNormal>x<img width=10 src="file:///C:/x.png"></p><!--EndFragment--></body></html>`;
  assert.equal(
    pasted(word),
    [
      "<h2>The price of passage</h2>",
      "<p><strong>STENHAVN, 3 March (Reuters) –</strong> Money was <em>left</em> for later.</p>",
      "<ul>\n<li>One<ol>\n<li>Half</li>\n</ol></li>\n<li>Two<sup>[1]</sup></li>\n</ul>",
      "<h3>Deep</h3>",
      "<table><tbody><tr><td>A</td><td><strong>B</strong></td></tr></tbody></table>",
      "<p>x</p>",
    ].join("\n"),
  );
});

test("text from Google Docs is bold only where it is bold", () => {
  const docs = `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h1 dir="ltr" style="line-height:1.38"><span style="font-size:20pt;font-weight:400">A head</span></h1><p dir="ltr" style="line-height:1.38;margin-top:0pt"><span style="font-size:11pt;font-weight:400;font-style:normal">Plain </span><span style="font-weight:700">bold</span><span style="font-weight:400"> and </span><span style="font-weight:400;font-style:italic">it</span><span>, H</span><span style="font-size:0.6em;vertical-align:sub;">2</span><span>O </span><a href="https://www.google.com/url?q=https://example.org/a%3Fb%3D1&amp;sa=D" style="text-decoration:none"><span style="color:#1155cc;text-decoration:underline">link</span></a></p><br /><p dir="ltr"><span>Next</span><span><br></span><span>line</span></p><br><ul style="margin-top:0"><li dir="ltr" style="list-style-type:disc" aria-level="1"><p dir="ltr" role="presentation"><span>One</span></p></li></ul></b><br class="Apple-interchange-newline">`;
  assert.equal(
    pasted(docs),
    [
      "<h2>A head</h2>",
      '<p>Plain <strong>bold</strong> and <em>it</em>, H<sub>2</sub>O <a href="https://example.org/a?b=1">link</a></p>',
      "<p>Next<br>line</p>",
      "<ul>\n<li>One</li>\n</ul>",
    ].join("\n"),
  );
});

test("pasted struck text stays struck, and ids of the source are dropped", () => {
  assert.equal(
    pasted("<p id=\"text-x\"><span style=\"text-decoration:line-through\">a</span> <s>b</s> <del>c</del></p><h2 id=\"share\">d</h2>"),
    "<p><s>a</s> <s>b</s> <s>c</s></p>\n<h2>d</h2>",
  );
});

test("divs and double line breaks become paragraphs; empty ones are dropped", () => {
  assert.equal(pasted("<div>a</div><div><br></div><div>b <font color=red>c</font></div>"), "<p>a</p>\n<p>b c</p>");
  assert.equal(pasted("<p>a<br>b<br><br>c</p><p>&nbsp;</p><p></p><p>d<br></p>"), "<p>a<br>b</p>\n<p>c</p>\n<p>d</p>");
  assert.equal(pasted("<table><tr><td><p>a</p><p>b</p></td></tr></table>"), "<p>a</p>\n<p>b</p>");
});

test("non-breaking spaces are kept at numbers and punctuation", () => {
  assert.equal(pasted("<p>5&nbsp;km&nbsp;away, «&nbsp;oui&nbsp;»&nbsp;! and&nbsp; so&nbsp;on</p>"), "<p>5&nbsp;km away, «&nbsp;oui&nbsp;»&nbsp;! and so on</p>");
});

test("pasted scripts, forms and pictures are removed", () => {
  assert.equal(pasted("<p>a<script>x()</script><img src=x onerror=y><button>b</button></p><a href='javascript:x()'>c</a>"), "<p>a</p>\n<p>c</p>");
});

test("content copied from this editor is unchanged", () => {
  const own = '<p data-pm-slice="1 1 []">a&nbsp;b</p>';
  assert.equal(cleanHtml(own), own);
});

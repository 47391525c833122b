// Prints what the reader mode of Firefox shows of the page on standard input, as JSON. The argument is its address.

import { readFileSync } from "node:fs";
import { Readability } from "@mozilla/readability";
import { JSDOM } from "jsdom";

const { document } = new JSDOM(readFileSync(0, "utf8"), { url: process.argv[2] }).window;
const { title, byline, content } = new Readability(document).parse();
console.log(JSON.stringify({ title, byline, content }));

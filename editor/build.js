// Bundles the editor into static/js/editor.js and writes the licences of the bundled packages.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { metafile } = await build({
  absWorkingDir: here("."),
  entryPoints: ["src/main.js"],
  outfile: here("../static/js/editor.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  metafile: true,
});

const [output] = Object.values(metafile.outputs);
const bundled = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
const names = new Set(bundled.map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));

async function licence(name) {
  const { version, license } = JSON.parse(await readFile(here(`node_modules/${name}/package.json`), "utf8"));
  // TipTap's packages share the licence of their repository.
  const files = ["LICENSE", "LICENSE.md", "license"].map((file) => readFile(here(`node_modules/${name}/${file}`), "utf8"));
  const text = await Promise.any(files).catch(() => {
    throw new Error(`${name} has no licence file`);
  });
  return { name: `${name} ${version} (${license})`, text: text.trim() };
}

// Packages with the same licence text, such as those of TipTap, are listed together.
const byText = new Map();
for (const { name, text } of await Promise.all([...names].sort().map(licence))) byText.set(text, [...(byText.get(text) ?? []), name]);
const listed = [...byText].map(([text, owners]) => `${owners.join("\n")}\n\n${text}\n`);
await writeFile(
  here("LICENSES.txt"),
  `editor.js contains the following works, under these licences.\n\n${"-".repeat(70)}\n\n${listed.join(`\n${"-".repeat(70)}\n\n`)}`,
);
console.log(`static/js/editor.js: ${Math.round(output.bytes / 1024)} kB, ${names.size} packages`);

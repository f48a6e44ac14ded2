// Build the page's editor into one file, and beside it the licences of what is in it.
//     npm ci && node build.mjs [FOLDER]
// Without FOLDER it writes where the package ships them, and the hashes that a test holds them to.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const shipped = join(here, "../../../torch_judge/ui/web/static");
const folder = process.argv[2] ?? shipped;

const { metafile, outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: ["editor.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "none",
  banner: { js: "/* CodeMirror 6 and Lezer, MIT: editor.licences.txt. Made by tests/tools/editor/build.mjs */" },
  metafile: true,
  write: false,
});

const names = new Set();
for (const path of Object.keys(metafile.inputs)) {
  const found = path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) names.add(found[1]);
}
const licences = [...names].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json")));
  if (license !== "MIT") throw new Error(`${name} is under ${license}: look whether it may be shipped`);
  return `${name} ${version}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim()}\n`;
});

const files = {
  "editor.js": Buffer.from(outputFiles[0].contents),
  "editor.licences.txt": Buffer.from(`editor.js holds:\n\n${licences.join(`\n${"-".repeat(72)}\n\n`)}`),
};
const hashes = Object.entries(files).map(
  ([name, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`,
);
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
if (folder === shipped) writeFileSync(join(here, "SHA256SUMS"), hashes.join(""));

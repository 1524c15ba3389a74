// Makes one file of editor.js and the packages that it is made with. It begins with
// the SHA-256 of what it was made of and of the rest of itself, for the test that it
// belongs to them, and with the licences of all that is in it.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const inputs = ["bundle.js", "editor.js", "package-lock.json", "package.json"];
const hash = (data) => createHash("sha256").update(data).digest("hex");

const made = await build({
  entryPoints: ["editor.js"], bundle: true, minify: true, format: "iife", target: "es2022", charset: "utf8",
  write: false, metafile: true, legalComments: "none",
});

// The packages by the text of their licence: most have the same.
const byLicence = new Map();
const folders = new Set(Object.keys(made.metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean));
for (const folder of [...folders].sort()) {
  const { name, version } = JSON.parse(readFileSync(`node_modules/${folder}/package.json`, "utf8"));
  const licence = readFileSync(`node_modules/${folder}/LICENSE`, "utf8").replace(/\r\n/g, "\n").replace(/[ \t]+$/gm, "").trim();
  if (licence.includes("*/")) throw new Error(`the licence of ${name} ends a comment`);
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name} ${version}`]);
}
const licences = [...byLicence].map(([text, names]) => `${names.join(", ")}\n\n${text}`).join("\n\n----\n\n");
const body = `/*!\n${licences}\n*/\n${made.outputFiles[0].text}`;
const head = ["// Written by server/console/editor/build.", ...inputs.map((name) => `// ${name} ${hash(readFileSync(name))}`), `// the rest ${hash(body)}`];
writeFileSync(process.argv[2], `${head.join("\n")}\n${body}`);

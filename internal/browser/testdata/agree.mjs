// Asks what asks.json says, and compares with what the library said, byte for
// byte: forwards with all books loaded, and every fifth backwards once more.
import { readFileSync } from "node:fs";
import { start } from "rulebook";

const { books, asks, checks } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const engine = await start();
let wrong = 0;

function same(what, got, want) {
  if (got === want || ++wrong > 5) return;
  console.log(`${what}\n  got  ${got}\n  want ${want}`);
}

const replied = async (call) => {
  try {
    return await call();
  } catch (error) {
    return JSON.stringify(error.problem ?? String(error));
  }
};

const loaded = [];
for (const { main, files } of books) loaded.push(await engine.load(files, main));
let asked = 0;
const again = asks.filter((_, i) => i % 5 === 0).reverse();
for (const { book, question, facts, options, want } of [...asks, ...again]) {
  const got = await replied(() => loaded[book].askText(question, facts, JSON.parse(options)));
  same(`${question} ${facts} ${options}`, got, want);
  asked++;
}
for (const { main, files, want } of checks) same(`check ${main}`, await replied(() => engine.text("check", files, main)), want);
for (const book of loaded) await book.free();
console.log(`${asked} answers, ${checks.length} checks, ${wrong} different`);
process.exitCode = wrong ? 1 : 0;

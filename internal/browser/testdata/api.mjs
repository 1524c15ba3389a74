// The package as a program uses it: each line of output is "ok" or what is wrong.
import assert from "node:assert/strict";
import { Book, Engine, RulebookError, check, load, start } from "rulebook";

const refused = async (promise, code) => {
  const error = await promise.then(() => null, (e) => e);
  assert(error instanceof RulebookError, `${code}: ${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.told("zh"), /\p{Script=Han}/u);
  return error;
};

const book = await load();
assert(book instanceof Book);
assert.equal(book.zone, "Asia/Shanghai");
assert.deepEqual(book.languages, ["zh", "en"]);
const questions = await book.questions();
assert(questions.length > 20);
for (const { id } of questions) assert.equal((await book.question(id)).id, id);
const question = await book.question("time_limit.request");
assert(question.facts[0].fields.some((f) => f.type === "word" && f.words.length > 1));
assert((await book.schema("time_limit.request")).facts.properties.request);
assert((await book.readings()).every((r) => r.options.length > 0));
assert((await book.articles()).some((a) => a.id === "time_limit/6"));

// facts in all shapes
const facts = { request: { kind: "install", area_type: "urban", papers_complete_at: "2025-06-09T10:00:00+08:00", completed_at: "2025-06-16T23:59:59+08:00" } };
const answer = await book.ask("time_limit.request", facts);
assert.equal(answer.values.due_date, "2025-06-16");
assert.equal(await book.askText("time_limit.request", JSON.stringify(facts)), await book.askText("time_limit.request", facts));
assert.equal((await book.ask("time_limit.request")).verdict, "undetermined");
assert.deepEqual(await book.ask("time_limit.request", facts, { asOf: new Date("2025-06-20T00:00:00Z") }), await book.ask("time_limit.request", facts, { asOf: "2025-06-20T00:00:00Z" }));
const shown = await book.show("time_limit.request", facts, { lang: "zh" });
assert.match(shown.title, /\p{Script=Han}/u);
assert(shown.steps.length > 0 && shown.rows.length > 0);
assert((await book.why("time_limit.request", facts, { lang: "zh" })).why.length > 0);
const all = await book.allReadings("time_limit.request", facts, { seconds: 1 });
assert.equal(all.outcomes[0].answer.verdict, answer.verdict);
assert((await book.next("contracting.load")).facts.length > 0);

// what is refused
await refused(book.ask("time_limit.requests", {}), "unknown_question");
await refused(book.ask("time_limit.request", { requests: 1 }), "unknown_fact");
await refused(book.ask("time_limit.request", facts, { asOf: "yesterday" }), "not_a_moment");
await refused(book.ask("time_limit.request", facts, { readings: { nothing: "x" } }), "unknown_reading");
await refused(book.ask("time_limit.request", facts, { other: 1 }), "wrong_options");
const several = await refused(book.ask("contracting.load", { households: NaN, staff: 10n ** 30n, other: 1 }), "wrong_type");
assert.equal(several.findings.length, 3);
await refused(book.ask("contracting.load", "[".repeat(100_000)), "too_deep");
await refused(book.ask("contracting.load", '{"area": '.repeat(20_000)), "too_deep");
await refused(load("rulebook: {id: mine}\n"), "file_cut_off");
await refused(load({ "a.yaml": "x", "b.yaml": "y" }), "no_main_file");
await refused(load(new Uint8Array([0x61, 0x3a, 0x80])), "not_utf8");
const checked = await check("rulebook: {id: mine}\n");
assert(!checked.sound && checked.rulebook === null && checked.errors === checked.findings.length);

// moments on the clocks of the rulebook
assert.equal(await book.moment("2025-06-09T10:00"), "2025-06-09T10:00:00+08:00");
assert.equal(await book.localTime("2025-06-09T02:00:00Z"), "2025-06-09T10:00");
await refused(book.moment("1986-05-04T02:30"), "clock_changed");
await refused(book.moment("soon"), "not_a_moment");

// calls that no program should make
const engine = await start();
for (const args of [[], ["x"], [{}, "q", "{}", ""], [1, 2, 3, 4], [null, null, null, null]]) await refused(engine.text("ask", ...args), "wrong_call");
await refused(engine.text("load", null, ""), "wrong_call");
await refused(engine.text("load", { a: 1 }, "a"), "wrong_call");
await refused(engine.text("question", 99, "x"), "no_such_book");
await refused(engine.text("nothing"), "stopped");

// an engine that has stopped, and books that were freed
const other = await start();
const mine = await other.load();
await other.stop();
await refused(mine.questions(), "stopped");
await book.free();
await refused(book.questions(), "no_such_book");

// what there is, for the test that compares it with index.d.ts
const members = (c) => [...Object.getOwnPropertyNames(c.prototype), ...Object.getOwnPropertyNames(mine).filter(() => c === Book)].filter((n) => n !== "constructor" && n !== "text").sort();
console.log(JSON.stringify({ Book: members(Book), Engine: members(Engine) }));

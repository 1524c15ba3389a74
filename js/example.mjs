import { check, load } from "rulebook";

const book = await load(); // the rulebook that comes with it; or load(text), load({"rules.yaml": text, …})
const facts = {
  request: { kind: "install", area_type: "urban", papers_complete_at: "2025-06-09T10:00:00+08:00" },
};

const answer = await book.ask("time_limit.request", facts, { asOf: "2025-06-10T09:00:00+08:00" });
console.log(answer.verdict, answer.values.due_date);

const shown = await book.show("time_limit.request", facts, { asOf: "2025-06-10T09:00:00+08:00", lang: "zh" });
console.log(shown.title);
for (const step of shown.steps) console.log(`- ${step.text}`);

const { sound, findings } = await check("rulebook: {id: mine}");
console.log(sound, findings[0].message.en);

await book.free();

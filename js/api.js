// The functions of the engine as promises and objects. The engine takes and gives
// texts: see internal/bridge.

// RulebookError is why a call has no result. Its message is in English; told(lang)
// is the whole in Chinese or English.
class RulebookError extends Error {
  constructor(problem) {
    super(`${problem.message.en} [${problem.code}]${problem.remedy?.en ? ` → ${problem.remedy.en}` : ""}`);
    this.name = "RulebookError";
    this.code = problem.code;
    this.findings = problem.findings ?? [];
    Object.defineProperty(this, "problem", { value: problem });
  }

  told(lang) {
    const { message, remedy } = this.problem;
    return [message[lang] ?? message.en, remedy?.[lang] ?? remedy?.en].filter(Boolean).join(" → ");
  }
}

const stopped = {
  code: "stopped",
  message: { zh: "引擎已停止", en: "the engine has stopped" },
  remedy: { zh: "重新启动引擎，再装入规则书", en: "start the engine again, and load the rulebook" },
};

// exact reads JSON. Whole numbers that JavaScript cannot hold exactly become texts.
function exact(text) {
  const safe = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, (found) => (found[0] === '"' || Number.isSafeInteger(Number(found)) ? found : `"${found}"`));
  return JSON.parse(safe);
}

// written writes facts as JSON. What JSON would turn into something else becomes a
// text, which the engine refuses with its place.
function written(facts) {
  if (typeof facts === "string") return facts;
  return JSON.stringify(facts ?? {}, (_, value) => {
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (typeof value === "number" && !Number.isFinite(value)) return String(value);
    return value;
  });
}

// settings writes the options of asking; what is not one is for the engine to
// refuse.
function settings({ asOf, lang, ...others } = {}) {
  if (asOf !== undefined && asOf !== null) others.as_of = asOf instanceof Date ? asOf.toISOString() : asOf;
  return JSON.stringify(others);
}

// filed are files by name, and which is the main one: a text alone is one file.
function filed(files, main) {
  if (files === undefined || files === null) return [{}, main ?? ""];
  if (typeof files === "string" || files instanceof Uint8Array) return [{ [main ?? "rules.yaml"]: files }, main ?? "rules.yaml"];
  const names = Object.keys(files);
  return [files, main ?? (names.length === 1 ? names[0] : "rules.yaml")];
}

// Engine runs the library. Its call(name, args) gives {ok, text}.
class Engine {
  #call;
  #stop;

  constructor(call, stop) {
    this.#call = call;
    this.#stop = stop;
  }

  // text is the JSON of a result, as the library writes it.
  async text(name, ...args) {
    const reply = await this.#call(name, args);
    if (reply.ok) return reply.text;
    throw new RulebookError(JSON.parse(reply.text));
  }

  async load(files, main) {
    const loaded = exact(await this.text("load", ...filed(files, main)));
    if (loaded.book === 0) {
      const first = loaded.findings.find((f) => f.severity === "error") ?? loaded.findings[0];
      throw new RulebookError({ ...first, findings: loaded.findings });
    }
    return new Book(this, loaded);
  }

  async check(files, main) {
    const { book, ...checked } = exact(await this.text("check", ...filed(files, main)));
    return checked;
  }

  async stop() {
    await this.#stop();
  }
}

// Book is a rulebook that was loaded. It stays in the engine until it is freed.
class Book {
  #engine;
  #number;

  constructor(engine, loaded) {
    this.#engine = engine;
    this.#number = loaded.book;
    Object.assign(this, loaded.rulebook);
    this.warnings = loaded.findings;
  }

  async #get(name, ...args) {
    return exact(await this.#engine.text(name, this.#number, ...args));
  }

  questions() {
    return this.#get("questions");
  }

  question(id) {
    return this.#get("question", id);
  }

  schema(id) {
    return this.#get("schema", id);
  }

  readings() {
    return this.#get("readings");
  }

  articles() {
    return this.#get("articles");
  }

  async ask(question, facts, options) {
    return exact(await this.askText(question, facts, options));
  }

  async askText(question, facts, options) {
    return this.#engine.text("ask", this.#number, question, written(facts), settings(options));
  }

  show(question, facts, options) {
    return this.#get("show", question, written(facts), settings(options), options?.lang ?? "en");
  }

  why(question, facts, options) {
    return this.#get("why", question, written(facts), settings(options), options?.lang ?? "en");
  }

  allReadings(question, facts, options) {
    return this.#get("allReadings", question, written(facts), settings(options));
  }

  flips(question, facts, options) {
    return this.#get("flips", question, written(facts), settings(options));
  }

  next(question, facts, options) {
    return this.#get("next", question, written(facts), settings(options));
  }

  cases(text, name = "cases.yaml") {
    return this.#get("cases", name, text);
  }

  examples(text, name = "cases.yaml") {
    return this.#get("examples", name, text);
  }

  moment(local) {
    return this.#get("moment", local);
  }

  localTime(moment) {
    return this.#get("localTime", moment);
  }

  async free() {
    await this.#engine.text("free", this.#number);
  }
}

export { RulebookError, Engine, Book, stopped };

// Asking on the page of a question: a form, the answer with its reasons, the answer
// under all readings, and the rules to be changed and tried. The engine runs in a
// worker of this page. Nothing is sent and nothing is stored; a link that is made
// here holds the facts behind its #.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("ask-data").textContent);
  if (!data.assets || typeof DecompressionStream === "undefined") return; // what the page says instead stays
  const zh = data.lang === "zh";
  const t = (chinese, english) => (zh ? chinese : english);
  const say = (text) => text?.[data.lang] ?? text?.en ?? Object.values(text ?? {})[0] ?? "";
  const section = document.getElementById("ask");

  // el makes an element; properties that begin with "on" are listeners.
  function el(name, properties = {}, ...children) {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
      else if (key in e && key !== "list") e[key] = value;
      else e.setAttribute(key, value);
    }
    e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ""));
    return e;
  }

  // --- the form ---------------------------------------------------------------

  const local = Symbol("a time on the clocks of the rulebook");
  const fields = new Map(); // by the path of the fact
  let number = 0;

  const absent = (fact, what = fact.absent) => {
    if (what === "none") return fact.event || fact.type === "moment" ? t("尚未发生", "has not happened") : t("没有", "none");
    if (what === "default") return t(`不填视为“${standard(fact)}”`, `if left out: ${standard(fact)}`);
    return t("不清楚", "not known");
  };

  // leftOut is what it means that nothing is filled in, chosen or added.
  const leftOut = (fact, lead) => (fact.absent === "default" ? absent(fact) : lead + absent(fact));

  function standard(fact) {
    if (fact.type === "list") return t("没有", "none");
    if (fact.default === "true") return t("是", "yes");
    if (fact.default === "false") return t("否", "no");
    const word = fact.words?.find((w) => w.word === fact.default);
    return word ? say(word.label) : `${fact.default ?? t("没有", "none")} ${say(fact.unit) || fact.currency || ""}`.trim();
  }

  // field is a fact in the form: its element, get() and set(value). A value that is
  // undefined is left out.
  function field(fact, path) {
    const f = (fact.type === "record" ? record : fact.type === "list" ? list : single)(fact, path);
    fields.set(path, f);
    return f;
  }

  function wrapped(fact, path, control, note, group = false) {
    const id = `ask-f${++number}`;
    const wrong = el("p", { className: "ask-wrong", id: `${id}-wrong` });
    const unit = say(fact.unit) || fact.currency;
    const label = [say(fact.label) || path, unit ? el("span", { className: "ask-unit" }, ` (${unit})`) : ""];
    if (!group) control.id = id;
    control.setAttribute("aria-describedby", wrong.id);
    const element = el("div", { className: "ask-field", ...(group ? { role: "group", "aria-labelledby": `${id}-label` } : {}) },
      group ? el("span", { className: "ask-label", id: `${id}-label` }, label) : el("label", { htmlFor: id, id: `${id}-label` }, label),
      say(fact.note) ? el("small", {}, say(fact.note)) : "", control, note ? el("small", {}, note) : "", wrong);
    const marked = group ? element : control;
    return {
      element,
      focus: () => {
        for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
        (group ? element.querySelector("input, select, textarea") : control).focus();
      },
      wrong: (text) => {
        wrong.textContent = text;
        if (text) marked.setAttribute("aria-invalid", "true");
        else marked.removeAttribute("aria-invalid");
      },
    };
  }

  const nothing = "\u0000null";

  function single(fact, path) {
    const alsoNull = fact.null !== fact.absent;
    const known = t("已查明：没有", "known: none");
    if (fact.type === "yes_no") {
      const name = `ask-r${++number}`;
      const radio = (value, label, checked) => el("label", {}, el("input", { type: "radio", name, value, checked }), label);
      const box = el("div", { className: "ask-choices" }, radio("", fact.absent === "default" ? t("不填", "not given") : absent(fact), true),
        radio("true", t("是", "yes")), radio("false", t("否", "no")), alsoNull ? radio(nothing, known) : "");
      const at = () => box.querySelector(":checked")?.value ?? "";
      return {
        ...wrapped(fact, path, box, fact.absent === "default" ? absent(fact) : "", true),
        get: () => ({ "": undefined, true: true, false: false, [nothing]: null })[at()],
        set: (v) => {
          const value = v === undefined ? "" : v === null && alsoNull ? nothing : String(v);
          ([...box.querySelectorAll("input")].find((r) => r.value === value) ?? box.querySelector("input")).checked = true;
        },
      };
    }
    if (fact.type === "word" || fact.type === "article") {
      const option = (value, label) => el("option", { value }, label);
      const control = el("select", {}, option("", `– ${absent(fact)} –`), alsoNull ? option(nothing, known) : "");
      const fill = (all) => control.append(...all);
      if (fact.words) fill(fact.words.map((w) => option(w.word, say(w.label) || w.word)));
      else ready.then(async () => fill((await book.articles()).map((a) => option(a.id, say(a.label)))));
      let late; // chosen before the options were there
      return {
        ...wrapped(fact, path, control),
        get: () => (control.value === nothing ? null : control.value || late || undefined),
        set: (v) => {
          control.value = v === undefined ? "" : v === null ? (alsoNull ? nothing : "") : v;
          late = fact.words || control.value ? undefined : v ?? undefined;
          if (late) ready.then(async () => setTimeout(() => (control.value = late, late = undefined), 50));
        },
      };
    }
    const kinds = { moment: "datetime-local", date: "date", month: "month" };
    const control = fact.type === "text" ? el("textarea", { rows: 2 }) : el("input", { type: kinds[fact.type] ?? "text", autocomplete: "off" });
    if (fact.type === "moment") control.step = 1;
    if (fact.type === "month" && control.type !== "month") control.placeholder = "2025-06";
    if (["count", "number", "year"].includes(fact.type)) control.inputMode = fact.type === "number" ? "text" : "numeric";
    if (fact.type === "money") control.inputMode = "decimal";
    const none = alsoNull ? el("input", { type: "checkbox", onchange: () => (control.disabled = none.checked) }) : null;
    const parts = wrapped(fact, path, control, leftOut(fact, t("不填：", "left empty: ")));
    if (none) parts.element.append(el("label", {}, none, known));
    const whole = ["count", "number", "year"].includes(fact.type);
    return {
      ...parts,
      get: () => {
        if (none?.checked) return null;
        const text = control.value.trim();
        if (!text) return control.validity?.badInput ? "?" : undefined;
        if (fact.type === "moment") return { [local]: text, path };
        return whole && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
      },
      set: (v) => {
        if (none) none.checked = v === null;
        control.disabled = Boolean(none?.checked);
        if (fact.type === "moment" && v) {
          control.value = "";
          return ready.then(async () => {
            const shown = await book.localTime(v).catch(() => v);
            if (/[Z+]|-\d\d:\d\d$/.test(shown)) control.type = "text"; // a field of the browser has no room for its offset
            else control.type = "datetime-local";
            control.value = shown;
          });
        }
        if (fact.type === "moment") control.type = "datetime-local";
        control.value = v ?? "";
      },
    };
  }

  function record(fact, path) {
    const inner = fact.fields.map((x) => [x.name, field(x, `${path}.${x.name}`)]);
    const alsoNull = fact.null !== fact.absent;
    const none = alsoNull ? el("input", { type: "checkbox" }) : null;
    const wrong = el("p", { className: "ask-wrong" });
    const within = el("div", { className: "ask-fields" }, inner.map(([, f]) => f.element));
    const hide = () => (within.hidden = Boolean(none?.checked)); // of what there is not, nothing can be said
    none?.addEventListener("change", hide);
    const parts = [say(fact.note) ? el("small", {}, say(fact.note)) : "", wrong, none ? el("label", {}, none, t("已查明：没有", "known: none")) : "", within];
    // What may well be left out as a whole is folded.
    const folded = fact.absent === "none" && /\./.test(path);
    const title = say(fact.label) || path;
    const box = folded
      ? el("details", { className: "ask-group" }, el("summary", {}, title, el("span", { className: "ask-unit" }, t("（", " ("), leftOut(fact, t("不填：", "left out: ")), t("）", ")"))), parts)
      : el("fieldset", { className: "ask-group" }, el("legend", {}, title), parts);
    return {
      element: box,
      focus: () => {
        if (folded) box.open = true;
        box.querySelector("input, select, textarea")?.focus();
      },
      wrong: (text) => (wrong.textContent = text),
      get: () => {
        if (none?.checked) return null;
        const entries = inner.map(([name, f]) => [name, f.get()]).filter(([, v]) => v !== undefined);
        return entries.length ? Object.fromEntries(entries) : undefined;
      },
      set: (v) => {
        if (none) none.checked = v === null;
        hide();
        if (folded) box.open = Boolean(v) || Boolean(none?.checked);
        return Promise.all(inner.map(([name, f]) => f.set(v?.[name])));
      },
    };
  }

  function list(fact, path) {
    const element = fact.element;
    const none = fact.absent !== "default" ? el("input", { type: "checkbox" }) : null;
    const emptied = none ? el("label", {}, none, t("一项也没有", "none at all")) : "";
    if (element.type === "word" && !fact.ordered) {
      const boxes = element.words.map((w) => el("input", { type: "checkbox", value: w.word }));
      const box = el("div", { className: "ask-choices" }, boxes.map((b, i) => el("label", {}, b, say(element.words[i].label))), emptied);
      none?.addEventListener("change", () => none.checked && boxes.forEach((b) => (b.checked = false)));
      boxes.forEach((b) => b.addEventListener("change", () => none && b.checked && (none.checked = false)));
      return {
        ...wrapped(fact, path, box, leftOut(fact, t("不选：", "none chosen: ")), true),
        get: () => {
          const chosen = boxes.filter((b) => b.checked).map((b) => b.value);
          return chosen.length ? chosen : none?.checked ? [] : undefined;
        },
        set: (v) => {
          for (const b of boxes) b.checked = Boolean(v?.includes(b.value));
          if (none) none.checked = Array.isArray(v) && v.length === 0;
        },
      };
    }
    if (!["record", "word", "moment", "date", "month"].includes(element.type)) {
      const control = el("textarea", { rows: 3 });
      const parts = wrapped(fact, path, control, t("每行一项。", "One a line. ") + leftOut(fact, t("不填：", "left empty: ")));
      if (none) parts.element.append(emptied);
      const empty = () => (control.disabled = Boolean(none?.checked));
      none?.addEventListener("change", empty);
      const whole = ["count", "number", "year"].includes(element.type);
      return {
        ...parts,
        get: () => {
          const lines = control.value.split("\n").map((l) => l.trim()).filter(Boolean);
          if (none?.checked) return [];
          return lines.length ? lines.map((l) => (whole && /^-?\d{1,15}$/.test(l) ? Number(l) : l)) : undefined;
        },
        set: (v) => {
          control.value = (v ?? []).join("\n");
          if (none) none.checked = Array.isArray(v) && v.length === 0;
          empty();
        },
      };
    }
    let rows = [];
    const at = el("div");
    const wrong = el("p", { className: "ask-wrong" });
    const add = (value) => {
      const f = field({ ...element, label: Object.keys(element.label ?? {}).length && say(element.label) ? element.label : fact.label }, `${path}[${rows.length}]`);
      const row = { f };
      row.element = el("div", { className: "ask-row" }, f.element, el("p", {}, el("button", {
        type: "button",
        onclick: () => {
          const values = rows.filter((r) => r !== row).map((r) => r.f.get());
          fill(values);
          changed();
        },
      }, t("去掉这一项", "remove this one"))));
      rows.push(row);
      at.append(row.element);
      if (none) none.checked = false;
      return value === undefined ? null : f.set(value);
    };
    const fill = (values) => {
      for (let i = 0; i < rows.length; i++) for (const key of [...fields.keys()]) if (key.startsWith(`${path}[${i}]`)) fields.delete(key);
      rows = [];
      at.replaceChildren();
      return Promise.all(values.map((v) => add(keepLocal(v))));
    };
    none?.addEventListener("change", () => none.checked && fill([]));
    const box = el("fieldset", { className: "ask-group" }, el("legend", {}, say(fact.label) || path), say(fact.note) ? el("small", {}, say(fact.note)) : "", wrong, at,
      el("p", {}, el("button", { type: "button", onclick: () => (add(), changed()) }, t("加一项", "add one"))), emptied, el("small", {}, leftOut(fact, t("一项也不加：", "none added: "))));
    return {
      element: box,
      focus: () => box.querySelector("input, select, textarea, button")?.focus(),
      wrong: (text) => (wrong.textContent = text),
      get: () => (rows.length ? rows.map((r) => r.f.get() ?? (element.type === "record" ? {} : undefined)).filter((v) => v !== undefined) : none?.checked ? [] : undefined),
      set: (v) => {
        if (none) none.checked = Array.isArray(v) && v.length === 0;
        return fill(v ?? []);
      },
    };
  }

  // keepLocal has times that were filled in stay as they stand in their fields.
  function keepLocal(v) {
    if (Array.isArray(v)) return v.map(keepLocal);
    if (v && typeof v === "object") return local in v ? v[local] : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, keepLocal(x)]));
    return v;
  }

  // facts are those of the form, their times as moments. What is no time is told at
  // its field, and null is given.
  async function factsOf() {
    let sound = true;
    const moments = async (v) => {
      if (Array.isArray(v)) return Promise.all(v.map(moments));
      if (!v || typeof v !== "object") return v;
      if (local in v) {
        return book.moment(v[local]).catch((e) => {
          fields.get(v.path)?.wrong(e.told(data.lang));
          sound = false;
        });
      }
      const out = {};
      for (const [key, x] of Object.entries(v)) out[key] = await moments(x);
      return out;
    };
    const out = {};
    for (const fact of data.question.facts) {
      const v = await moments(fields.get(fact.name).get());
      if (v !== undefined) out[fact.name] = v;
    }
    let at = asOf.get();
    if (at) at = await moments(at);
    return sound ? { facts: out, options: { asOf: at ?? undefined, readings: { ...readings } } } : null;
  }

  // --- the engine -------------------------------------------------------------

  let engine, book, tried; // tried is the book with the rules that were changed
  const readings = {};
  let isReady;
  const ready = new Promise((resolve) => (isReady = resolve));

  const script = (name) => new Promise((resolve, reject) => {
    document.head.append(el("script", { src: data.assets + name, onload: resolve, onerror: () => reject(new Error(name)) }));
  });

  async function started() {
    await Promise.all([script("engine.js"), script("rules.js")]);
    engine = await globalThis.rulebookEngine();
    book = await engine.load(globalThis.rulebookRules.files, globalThis.rulebookRules.main);
    isReady();
  }

  // --- asking -----------------------------------------------------------------

  let timer = 0, turn = 0;
  function changed() {
    clearTimeout(timer);
    shared.replaceChildren(); // a link that was made has other facts
    timer = setTimeout(ask, 250);
    answer.setAttribute("aria-busy", "true");
  }

  async function ask() {
    const mine = ++turn;
    for (const f of fields.values()) f.wrong("");
    asOf.wrong("");
    try {
      const asked = await factsOf();
      if (mine !== turn) return;
      if (!asked) return unanswered(el("p", { className: "ask-verdict bad" }, t("没有回答", "no answer")), el("p", {}, t("有一个时间读不出来，见标出的那一栏。", "A time cannot be read; see the field that is marked.")));
      const shown = await book.show(data.question.id, asked.facts, { ...asked.options, lang: data.lang });
      if (mine !== turn) return;
      answer.replaceChildren(...shownAnswer(shown, asked));
      latest = asked;
      underAll();
      if (tried) await compare(asked, shown, mine);
    } catch (error) {
      if (mine === turn) unanswered(...refused(error));
    } finally {
      if (mine === turn) answer.removeAttribute("aria-busy");
    }
  }

  // unanswered shows why there is no answer, and takes away what was shown of an
  // earlier one.
  function unanswered(...why) {
    answer.replaceChildren(...why);
    comparison.replaceChildren();
    latest = undefined;
    asideTurn++;
    sides.replaceChildren();
    sides.removeAttribute("aria-busy");
  }

  // refused says why nothing was asked, at the fields too.
  function refused(error) {
    const told = error.told?.(data.lang) ?? String(error);
    const items = (error.findings ?? []).map((f) => {
      const text = say(f.message) + (say(f.remedy) ? ` → ${say(f.remedy)}` : "");
      const at = f.fact === "as_of" ? asOf : nearest(f.fact);
      at?.wrong(text);
      return el("li", {}, at ? el("button", { type: "button", className: "ask-at", onclick: () => at.focus() }, f.fact) : f.fact ?? "", " ", text);
    });
    return [el("p", { className: "ask-verdict bad" }, t("没有回答", "no answer")), items.length ? el("ul", { className: "ask-list" }, items) : el("p", {}, told)];
  }

  // nearest is the field of a fact, or what holds it.
  function nearest(path = "") {
    for (let p = path; p; p = p.replace(/(\.[^.[]*|\[\d+\])$/, "")) {
      if (fields.has(p)) return fields.get(p);
      if (!/[.[]/.test(p)) break;
    }
    return undefined;
  }

  const articleLink = (a) => {
    const [regulation, ...rest] = a.id.split("/");
    return el("a", { href: `${data.pages}regulations/${regulation}.html#article-${rest.join("/")}` }, a.label);
  };

  function part(title, children) {
    return children.length ? [el("h3", {}, title), el("ul", { className: "ask-list" }, children.map((c) => el("li", {}, c)))] : [];
  }

  function shownAnswer(x, asked) {
    const missing = x.missing.map((m) => {
      const at = nearest(m.fact);
      return [at ? el("button", { type: "button", className: "ask-at", onclick: () => at.focus() }, m.label) : m.label, m.for.filter(Boolean).length ? t("（用于", " (for ") + [...new Set(m.for)].join(t("、", ", ")) + t("）", ")") : ""];
    });
    return [
      el("p", { className: `ask-verdict ${x.tone}` }, x.title, x.provisional ? el("small", {}, x.next_change ? t(`随时间可能改变，最早在 ${x.next_change}`, `time alone may change it, from ${x.next_change} on`) : t("随时间可能改变", "time alone may change it")) : ""),
      x.error ? el("p", {}, x.error, x.remedy ? ` → ${x.remedy}` : "") : "",
      x.rows.length ? el("dl", { className: "lines" }, x.rows.map((r) => el("div", {}, el("dt", { className: r.depth ? "ask-deep" : "" }, r.label), el("dd", {}, r.text)))) : "",
      ...part(t("违反", "Broken"), x.breaches.map((b) => [b.label, " · ", articleLink(b.article)])),
      ...part(t("由谁负责", "Who answers for it"), x.liable.map((l) => l.role + (l.person ? t("：", ": ") + l.person : ""))),
      ...part(t("还要知道", "Still to be known"), missing),
      ...part(t("须由人决定", "For a person to decide"), x.decisions),
      ...part(t("理由", "Reasons"), x.steps.map((s) => [s.text, s.article ? " · " : "", s.article ? articleLink(s.article) : ""])),
      ...usedReadings(x, asked),
    ].filter(Boolean);
  }

  // usedReadings are the readings that the answer rests on, to be chosen otherwise.
  let allReadings;
  function usedReadings(x) {
    const box = el("div", { className: "ask-readings" });
    const keys = [...new Set([...x.readings.map((r) => r.key), ...Object.keys(readings)])];
    if (!keys.length) return [];
    (async () => {
      allReadings ??= book.readings();
      const known = await allReadings;
      for (const key of keys) {
        const reading = known.find((r) => r.key === key);
        if (!reading) continue;
        const used = readings[key] ?? x.readings.find((r) => r.key === key)?.option ?? "";
        const select = el("select", {
          onchange: () => {
            readings[key] = select.value;
            changed();
          },
        }, reading.options.map((o) => el("option", { value: o.option, selected: o.option === used }, say(o.label))));
        if (!reading.options.some((o) => o.option === used)) select.prepend(el("option", { value: used, selected: true }, x.readings.find((r) => r.key === key)?.label ?? used));
        const label = el("label", { className: "ask-field" }, el("span", { className: "ask-label" }, say(reading.asks)), select);
        box.append(label);
      }
      if (Object.keys(readings).length) {
        box.append(el("button", {
          type: "button",
          onclick: () => {
            for (const key of Object.keys(readings)) delete readings[key];
            changed();
          },
        }, t("恢复规则书的读法", "the rulebook's own readings")));
      }
    })();
    return [el("h3", {}, t("所用读法（可改）", "Readings that were used; choose others to try")), box];
  }

  // underAll shows what the question comes to under all readings, side by side, if
  // somebody wants to see it. It may take seconds, so it has an engine of its own,
  // which is ended where it would go on for facts that have changed.
  let latest, aside, asideTurn = 0, working = false;
  async function underAll() {
    if (!sidesBox.open || !latest) return;
    const mine = ++asideTurn;
    sides.setAttribute("aria-busy", "true");
    sides.replaceChildren(el("p", { className: "ask-note" }, t("正在各种读法下逐一提问……", "asking under one reading after the other …")));
    if (working) {
      (await aside)?.engine.stop();
      aside = undefined;
    }
    if (mine !== asideTurn) return;
    working = true;
    try {
      aside ??= globalThis.rulebookEngine().then(async (e) => ({ engine: e, book: await e.load(globalThis.rulebookRules.files, globalThis.rulebookRules.main) }));
      await sideBySide((await aside).book, latest, () => mine === asideTurn);
    } catch (error) {
      if (mine === asideTurn) sides.replaceChildren(el("p", {}, error.told?.(data.lang) ?? String(error)));
    }
    if (mine !== asideTurn) return;
    working = false;
    sides.removeAttribute("aria-busy");
  }

  async function sideBySide(book, asked, current) {
    const all = await book.allReadings(data.question.id, asked.facts, { ...asked.options, seconds: 3 });
    if (!current()) return;
    const most = 6;
    const columns = [];
    for (const o of all.outcomes.slice(0, most)) {
      const under = { ...asked.options.readings, ...o.under[0] };
      columns.push({ ...o, under: o.under[0] ?? {}, shown: await book.show(data.question.id, asked.facts, { ...asked.options, readings: under, lang: data.lang }) });
      if (!current()) return;
    }
    allReadings ??= book.readings();
    const known = await allReadings;
    const option = (key, value) => {
      const r = known.find((k) => k.key === key);
      return `${say(r?.asks) || key}${t("：", ": ")}${say(r?.options.find((o) => o.option === value)?.label) || value}`;
    };
    sides.replaceChildren();
    if (all.holds) {
      return sides.append(all.complete ? el("p", { className: "ask-same" }, t("在所有读法下都是这个结论。", "The answer is the same under all readings."))
        : el("p", {}, t(`组合太多，没有试完；试过的 ${all.tried} 种都是这个结论。`, `There are too many combinations to try; under the ${all.tried} that were tried the answer is the same.`)));
    }
    const rows = new Map(); // by their paths: two rows may have one label
    for (const [i, c] of columns.entries()) {
      for (const r of c.shown.rows) {
        if (!rows.has(r.path)) rows.set(r.path, { label: r.label, texts: [] });
        rows.get(r.path).texts[i] = r.text;
      }
    }
    const differing = [...rows.values()].filter(({ texts }) => columns.some((_, i) => texts[i] !== texts[0]));
    sides.append(
      el("p", {}, all.complete ? t(`可能有影响的 ${all.tried} 种读法组合，得出 ${all.outcomes.length} 种回答。`, `${all.tried} combinations of readings that may matter give ${all.outcomes.length} answers.`) : t(`组合太多，只试了 ${all.tried} 种，得出 ${all.outcomes.length} 种回答。`, `There are too many combinations; ${all.tried} were tried and give ${all.outcomes.length} answers.`)),
      el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": t("各种读法下的回答", "answers under the readings") }, el("table", {},
        el("thead", {}, el("tr", {}, el("td", {}), columns.map((c, i) => el("th", { scope: "col" }, i === 0 ? t("现在的读法", "these readings") : Object.entries(c.under).map(([k, v]) => option(k, v)).join("\n"))))),
        el("tbody", {},
          el("tr", {}, el("th", { scope: "row" }, t("结论", "verdict")), columns.map((c) => el("td", { className: c.shown.title === columns[0].shown.title ? "" : "ask-changed" }, c.shown.title))),
          differing.map(({ label, texts }) => el("tr", {}, el("th", { scope: "row" }, label), columns.map((_, i) => el("td", { className: texts[i] === texts[0] ? "" : "ask-changed" }, texts[i] ?? "–")))),
          el("tr", {}, el("th", { scope: "row" }, t("组合数", "combinations")), columns.map((c) => el("td", {}, String(c.count))))))),
      all.outcomes.length > most ? el("p", {}, t(`另有 ${all.outcomes.length - most} 种。`, `${all.outcomes.length - most} more.`)) : "",
    );
  }

  // --- the rules, changed ------------------------------------------------------

  let changedFiles, ruleTimer = 0, ruleTurn = 0, before;

  function editor() {
    const rules = globalThis.rulebookRules;
    changedFiles = { ...rules.files };
    const names = Object.keys(rules.files);
    let name = rules.main;
    const text = el("textarea", { spellcheck: false, wrap: "off", "aria-label": t("规则文件", "the rules file"), value: changedFiles[name] });
    const show = (file) => {
      name = file;
      text.value = changedFiles[name];
      files.value = name;
    };
    const files = el("select", { "aria-label": t("文件", "file"), onchange: () => show(files.value) }, names.map((n) => el("option", { value: n }, n)));
    const jump = (file, line, column = 1) => {
      if (changedFiles[file] === undefined) return;
      if (file !== name) show(file);
      const lines = text.value.split("\n");
      let at = 0;
      for (let i = 0; i < line - 1 && i < lines.length; i++) at += lines[i].length + 1;
      text.focus();
      text.setSelectionRange(at + column - 1, at + (lines[line - 1]?.length ?? 0));
      text.scrollTop = Math.max(0, (line - 6) * (text.scrollHeight / lines.length));
    };
    const places = el("select", {
      "aria-label": t("跳到规则", "go to a rule"),
      onchange: () => {
        const p = data.places[Number(places.value)];
        if (p) jump(p.file, p.line);
        places.value = ""; // the same one may be wanted again
      },
    }, el("option", { value: "" }, t("跳到规则……", "go to a rule …")), data.places.map((p, i) => el("option", { value: String(i) }, p.label)));
    const result = el("div", { "aria-live": "polite" }, el("p", { className: "ask-note" }, t("改动只在这一页里，关掉就没有了。", "What is changed stays on this page and is gone when it is closed.")));
    text.addEventListener("input", () => {
      changedFiles[name] = text.value;
      clearTimeout(ruleTimer);
      ruleTimer = setTimeout(() => tryRules(result, jump), 500);
    });
    const back = el("button", {
      type: "button",
      onclick: () => {
        changedFiles = { ...rules.files };
        show(name);
        tryRules(result, jump);
      },
    }, t("恢复原样", "as it was"));
    return el("div", { className: "ask-rules" }, el("div", {}, el("p", { className: "ask-bar" }, names.length > 1 ? files : "", data.places.length ? places : "", back), text), result);
  }

  async function tryRules(result, jump) {
    const mine = ++ruleTurn;
    const rules = globalThis.rulebookRules;
    const same = Object.keys(rules.files).every((n) => changedFiles[n] === rules.files[n]);
    if (same) {
      const old = tried;
      tried = undefined;
      result.replaceChildren(el("p", {}, t("与原来相同。", "As it was.")));
      comparison.replaceChildren();
      await old?.free();
      return;
    }
    const checked = await engine.check({ ...changedFiles }, rules.main);
    if (mine !== ruleTurn) return;
    const finding = (f) => el("li", { className: f.severity },
      f.span ? el("button", { type: "button", className: "ask-at", onclick: () => jump(f.span.file || rules.main, f.span.start.line, f.span.start.column) }, t(`第 ${f.span.start.line} 行`, `line ${f.span.start.line}`)) : "",
      " ", say(f.message), say(f.remedy) ? ` → ${say(f.remedy)}` : "");
    const own = (await was()).findings;
    const fresh = checked.findings.filter((f) => !own.has(`${f.code} ${say(f.message)}`));
    const list = fresh.length ? [el("ul", { className: "ask-findings" }, fresh.slice(0, 20).map(finding)), fresh.length > 20 ? el("p", {}, t(`另有 ${fresh.length - 20} 处`, `${fresh.length - 20} more`)) : ""] : [];
    if (!checked.sound) {
      const old = tried;
      tried = undefined;
      comparison.replaceChildren();
      await old?.free();
      if (mine !== ruleTurn) return;
      result.replaceChildren(el("p", { className: "ask-changed" }, t(`规则有 ${checked.errors} 处错误，改正后才能提问：`, `The rules have ${checked.errors} ${checked.errors === 1 ? "error" : "errors"} to be mended first:`)), ...list);
      return;
    }
    const progress = el("p", { className: "ask-note" });
    const running = (n) => (progress.textContent = t(`正在跑用例……已跑 ${n} 个`, `running the cases … ${n} so far`));
    running(0);
    result.replaceChildren(el("p", { className: "ask-same" }, t("规则没有错误。", "The rules have no errors.")), ...list, progress);
    const next = await engine.load({ ...changedFiles }, rules.main);
    if (mine !== ruleTurn) return next.free();
    const old = tried;
    tried = next;
    await old?.free();
    if (mine !== ruleTurn) return;
    ask();
    const { cases } = await was();
    const flipped = [];
    let run = 0;
    for (const file of rules.cases) {
      const tested = await next.cases(file.text, file.name).catch(() => null);
      if (mine !== ruleTurn) return;
      for (const c of tested?.cases ?? []) {
        run++;
        if (cases.get(`${file.name} ${c.line}`) !== c.passed) flipped.push(c);
      }
      running(run);
    }
    progress.remove();
    const now = flipped.filter((c) => c.passed).length;
    const changes = [[flipped.length - now, t("不再符合", "no longer as expected")], [now, t("现在符合", "now as expected")]].filter(([n]) => n).map(([n, what]) => t(`${n} 个${what}`, `${n} ${what}`));
    const told = flipped.length ? t(`${run} 个用例：${changes.join("，")}，其余照旧`, `${run} cases: ${changes.join(", ")}, the others as before`)
      : [...cases.values()].every(Boolean) ? t(`${run} 个用例仍都符合`, run === 1 ? "the case is still as expected" : `all ${run} cases are still as expected`)
        : t(`${run} 个用例，符合与不符的都与原来一样`, run === 1 ? "the case is not as expected, as before" : `of ${run} cases the same as before are as expected`);
    const listed = flipped.slice(0, 30);
    const questions = new Map();
    for (const id of new Set(listed.map((c) => c.question))) questions.set(id, await next.question(id).catch(() => null));
    if (mine !== ruleTurn) return;
    result.append(el("h3", {}, told),
      el("ul", { className: "ask-list" }, listed.map((c) => el("li", {}, named(c.name), c.passed ? el("span", { className: "ask-same" }, t(" 现在符合", " now as expected")) : "",
        c.differences.length ? el("small", {}, " ", c.differences.map((d) => difference(questions.get(c.question), d)).join(t("；", "; "))) : ""))));
  }

  // difference says what a case expects and what comes of it, by the labels of its
  // question.
  const parts = {
    verdict: ["结论", "verdict"], breaches: ["违反", "breaches"], liable: ["责任人", "who answers"], cites: ["依据条款", "articles"], decisions: ["须由人决定", "to be decided"],
    missing_facts: ["还要知道", "still to be known"], error: ["无法判定", "nothing can be decided"], provisional: ["随时间可能改变", "time alone may change it"],
  };
  function difference(question, d) {
    const [name, ...rest] = d.field.split(".");
    const value = question?.values.find((v) => v.name === name);
    const label = parts[name] ? t(...parts[name]) : [say(value?.label) || name, ...rest].join("·");
    const words = name === "verdict" ? question?.verdicts : rest.length ? [] : value?.words;
    const told = (text) => {
      const fixed = { true: t("是", "yes"), false: t("否", "no"), null: t("无", "none"), "": t("无", "none"), undetermined: t("未定", "undetermined"), not_in_scope: t("不适用本制度", "the regulation does not apply") }[text];
      const word = words?.find((w) => w.word === text);
      return (word && say(word.label)) || fixed || (/^-?\d+$/.test(text) && !rest.length && say(value?.unit) ? `${text} ${say(value.unit)}` : text);
    };
    return `${label}${t("：", ": ")}${told(d.expected)} → ${told(d.got)}`;
  }

  // named is the name of a case in the language of the page, where it is written in
  // both (a code in front belongs to both); else as it is, with its language.
  const han = /\p{Script=Han}/u;
  const named = (name) => {
    const [chinese, english, ...row] = name.split(" / ");
    if (english !== undefined && han.test(chinese) && !han.test(english)) return [t(chinese, (/^[!-~]+ /.exec(chinese)?.[0] ?? "") + english), ...row].join(" / ");
    return el("span", { lang: han.test(name) === zh ? null : t("en", "zh-CN") }, name);
  };

  // was is what the rules as they are come to: their findings, and their cases.
  function was() {
    before ??= (async () => {
      const rules = globalThis.rulebookRules;
      const checked = await engine.check(rules.files, rules.main);
      const cases = new Map();
      for (const file of rules.cases) {
        const tested = await book.cases(file.text, file.name).catch(() => null);
        for (const c of tested?.cases ?? []) cases.set(`${file.name} ${c.line}`, c.passed);
      }
      return { findings: new Set(checked.findings.map((f) => `${f.code} ${say(f.message)}`)), cases };
    })();
    return before;
  }

  // compare shows what the changed rules answer to the same facts.
  async function compare(asked, shown, mine) {
    const by = tried;
    let x;
    try {
      x = await by.show(data.question.id, asked.facts, { ...asked.options, lang: data.lang });
    } catch (error) {
      if (mine !== turn || by !== tried) return;
      comparison.replaceChildren(el("h3", {}, t("按改过的规则", "By the changed rules")), ...refused(error));
      return;
    }
    if (mine !== turn || by !== tried) return;
    const rows = new Map(shown.rows.map((r) => [r.path, r.text]));
    const differing = x.rows.filter((r) => rows.get(r.path) !== r.text);
    const same = x.title === shown.title && differing.length === 0;
    comparison.replaceChildren(el("h3", {}, t("按改过的规则", "By the changed rules")),
      el("p", { className: `ask-verdict ${x.tone}` }, x.title, same ? el("small", {}, t("与现在的规则相同", "as by the rules as they are")) : ""),
      differing.length ? el("dl", { className: "lines" }, differing.map((r) => el("div", {}, el("dt", {}, r.label), el("dd", {}, `${rows.get(r.path) ?? "–"} → `, el("span", { className: "ask-changed" }, r.text))))) : "");
  }

  // --- links with facts ---------------------------------------------------------

  const mark = "#ask=";

  async function share() {
    const asked = await factsOf();
    if (!asked) return shared.replaceChildren(el("small", {}, t("有一个时间读不出来，没有做成链接。", "A time cannot be read; no link was made.")));
    const { facts, options } = asked;
    const link = new URL(location.href);
    link.hash = mark + encodeURIComponent(JSON.stringify({ facts, asOf: options.asOf, readings: options.readings }));
    history.replaceState(history.state, "", link);
    const copied = await Promise.resolve(navigator.clipboard?.writeText(link.href)).then(() => Boolean(navigator.clipboard), () => false);
    shared.replaceChildren(el("small", {}, copied ? t("链接已复制，事实都写在里面。", "The link was copied; the facts are in it.") : t("复制这个链接，事实都写在里面：", "Copy this link; the facts are in it:")),
      copied ? "" : el("input", { value: link.href, readOnly: true, "aria-label": t("链接", "link"), onfocus: (e) => e.target.select() }));
  }

  async function fill({ facts = {}, asOf: at, readings: chosen = {} }, odd = []) {
    oddities.textContent = odd.length ? t("链接里有这个问题不认识的内容，没有填：", "The link has what this question does not know; it was not filled in: ") + odd.join(t("、", ", ")) : "";
    for (const key of Object.keys(readings)) delete readings[key];
    Object.assign(readings, chosen);
    const { as_of: given, ...others } = facts;
    await Promise.all([...data.question.facts.map((f) => fields.get(f.name).set(others[f.name])), asOf.set(at ?? given ?? undefined)]);
    changed();
  }

  const isObject = (v) => v !== null && typeof v === "object" && !Array.isArray(v);

  // fitting is a value of a link as far as a fact may have it; the paths of what it
  // may not have are added to odd.
  function fitting(fact, v, path, odd) {
    if (v === null) return v;
    const shapes = { date: /^\d{4}-\d\d-\d\d$/, month: /^\d{4}-\d\d$/ };
    const fits = fact.type === "record" ? isObject(v)
      : fact.type === "list" ? Array.isArray(v)
        : fact.type === "yes_no" ? typeof v === "boolean"
          : fact.words ? fact.words.some((w) => w.word === v)
            : fact.type === "moment" ? typeof v === "string" && !Number.isNaN(Date.parse(v))
              : shapes[fact.type] ? shapes[fact.type].test(v) : typeof v === "string" || typeof v === "number";
    if (!fits) {
      odd.push(path);
      return undefined;
    }
    if (fact.type === "list") return v.map((x, i) => fitting(fact.element, x, `${path}[${i}]`, odd)).filter((x) => x !== undefined);
    if (fact.type === "record") return fittingAll(fact.fields, v, `${path}.`, odd);
    return v;
  }

  function fittingAll(known, values, prefix, odd) {
    const entries = Object.entries(values).map(([name, v]) => {
      const fact = known.find((f) => f.name === name);
      if (!fact) odd.push(prefix + name);
      return [name, fact && fitting(fact, v, prefix + name, odd)];
    });
    return Object.fromEntries(entries.filter(([, v]) => v !== undefined));
  }

  // clear empties the form, and takes the facts out of the address.
  function clear() {
    examples.value = "";
    if (location.hash.startsWith(mark)) history.replaceState(history.state, "", location.pathname + location.search);
    fill({});
  }

  // linked fills in what the link of the page holds, and reports whether it could.
  async function linked() {
    if (!location.hash.startsWith(mark)) return false;
    let given;
    try {
      given = JSON.parse(decodeURIComponent(location.hash.slice(mark.length)));
    } catch {
      given = null;
    }
    const { facts = {}, asOf: at, readings: chosen = {} } = isObject(given) ? given : { facts: null };
    if (!isObject(facts) || !isObject(chosen)) {
      oddities.textContent = t("链接里的事实读不出来，没有填写。", "The facts in the link cannot be read; nothing was filled in.");
      return false;
    }
    const odd = [];
    const moment = { name: "as_of", type: "moment" };
    const { as_of: also, ...others } = facts;
    await fill({ facts: fittingAll(data.question.facts, others, "", odd), asOf: fitting(moment, at ?? also ?? null, "as_of", odd), readings: chosen }, odd);
    return true;
  }

  // --- the page -----------------------------------------------------------------

  const asOf = single({ name: "as_of", label: { zh: "判断时间", en: "moment of asking" }, note: {}, unit: {}, type: "moment", absent: "unknown", null: "unknown" }, "as_of");
  const answer = el("div", { className: "ask-answer", "aria-live": "polite", "aria-busy": "true" }, el("p", {}, t("正在启动引擎……", "starting the engine …")));
  const sides = el("div", { "aria-live": "polite" });
  const sidesBox = el("details", { className: "ask-more", ontoggle: () => underAll() }, el("summary", {}, t("在所有读法下各问一遍", "Ask under all readings")), sides);
  const comparison = el("div");
  const shared = el("span");
  const oddities = el("p", { className: "ask-wrong", role: "status" });
  const form = el("form", { className: "ask-form", onsubmit: (e) => e.preventDefault(), autocomplete: "off" });

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("input", (e) => e.isTrusted && e.target !== examples && (examples.value = "")); // it is no longer that case
  const examples = el("select", {
    onchange: (e) => {
      e.stopPropagation();
      const x = data.examples[Number(examples.value)];
      if (x && examples.value !== "") fill({ facts: x.facts, asOf: x.as_of, readings: x.readings });
    },
  }, el("option", { value: "" }, t("用一个用例填写……", "fill in from a case …")), data.examples.map((x, i) => el("option", { value: String(i), lang: x.lang }, x.name)));
  examples.setAttribute("aria-label", t("用例", "case"));
  form.append(
    oddities, data.examples.length ? el("p", { className: "ask-bar" }, examples) : "",
    ...data.question.facts.map((f) => field(f, f.name).element), asOf.element,
    el("p", { className: "ask-bar" },
      el("button", { type: "button", onclick: share }, t("用链接分享", "share by link")),
      el("button", { type: "button", onclick: clear }, t("清空", "clear")), shared),
  );
  const rulesBox = el("details", {
    className: "ask-more",
    ontoggle: async () => {
      await ready;
      if (rulesBox.open && rulesBox.childElementCount === 1) rulesBox.append(editor());
    },
  }, el("summary", {}, t("改一改规则，看结果怎么变", "Change the rules, and see what comes of it")));
  document.getElementById("ask-elsewhere").replaceWith(
    el("p", { className: "ask-note" }, t("都在这一页里算出，不向任何地方发送。", "All is worked out on this page; nothing is sent anywhere.")),
    el("div", { className: "ask-two" }, form, el("div", { className: "ask-side" }, answer, comparison)),
    sidesBox,
    rulesBox,
  );

  started().then(async () => {
    if (await linked()) {
      section.scrollIntoView();
    } else {
      await asOf.set(new Date(Math.floor(Date.now() / 60000) * 60000).toISOString());
    }
    clearTimeout(timer);
    await ask();
    section.dataset.ready = String(Math.round(performance.now())); // milliseconds after the page was opened
  }).catch((error) => answer.replaceChildren(...refused(error)));
  addEventListener("hashchange", () => {
    ready.then(linked);
  });
})();

// The editor of rules: what is wrong is marked at the word while somebody types,
// and listed beside it with what to write instead; the article that the cursor is
// in stands beside its rules. All that is known of the text comes from the server,
// which looks at it as the language server does. Without it the form has a field
// for the text, and the editor is put in its place here.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forEachDiagnostic, linter, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const pause = 400; // milliseconds without a further key, before the text is looked at
const patience = 60_000; // milliseconds that findings may take
const again = 3000; // milliseconds until a server that could not be asked is asked again
const longest = 60_000; // milliseconds between two of such
const slow = 1000; // milliseconds after which it is told that a text is still being looked at

const box = document.querySelector("[data-editor]");
if (box) edit(box, JSON.parse(box.dataset.words));

function edit(box, words) {
  const field = box.querySelector("textarea");
  const at = box.dataset.editor;
  const parts = Object.fromEntries(["state", "list", "more", "law"].map((name) => [name, box.querySelector(`[data-part=${name}]`)]));
  const element = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text ?? "" });

  // why tells why the server could not be asked: last is for what a further try does not
  // help, as long as the text is the same and nobody has signed in elsewhere.
  const why = (error) => ({ 401: { said: words.signedOut, last: true }, 403: { said: words.forbidden, last: true }, 413: { said: words.tooLarge, last: true } })[error.message] ?? { said: words.away };

  // ask sends the text as it is to one of the addresses of the editor.
  async function ask(what, state, query, signal) {
    const response = await fetch(`${at}/${what}?${new URLSearchParams(query)}`, { method: "POST", body: state.doc.toString(), headers: { "Content-Type": "application/yaml" }, signal });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  // Places are lines and units of UTF-16, both from 0, as the server counts them.
  const offset = (doc, [line, column]) => {
    const l = doc.line(Math.min(line + 1, doc.lines));
    return Math.min(l.from + column, l.to);
  };
  const place = (doc, pos) => {
    const l = doc.lineAt(pos);
    return { line: l.number - 1, column: pos - l.from };
  };

  // mend shows the changes that a finding's remedy comes to, to be made by a click.
  async function mend(view, finding, into) {
    const state = view.state;
    into.replaceChildren(element("span", "quiet", words.trying));
    let fixes;
    try {
      ({ fixes } = await ask("fixes", state, { line: finding.from[0], column: finding.from[1], code: finding.code }));
    } catch (error) {
      const retry = element("button", "small", words.mend);
      retry.type = "button";
      retry.addEventListener("click", () => mend(view, finding, into).then(() => into.querySelector("button")?.focus()));
      into.replaceChildren(element("span", "quiet", why(error).last ? why(error).said : words.notTried), " ", retry);
      return;
    }
    if (state.doc !== view.state.doc) return; // it is about a text that is no more
    into.replaceChildren(...(fixes.length ? fixes : [{ title: "" }]).map((fix) => {
      if (!fix.title) return element("span", "quiet", words.nothing);
      const button = element("button", "small", fix.title);
      button.type = "button";
      button.addEventListener("click", () => {
        if (state.doc !== view.state.doc) return;
        const changes = fix.edits.map((e) => ({ from: offset(state.doc, e.from), to: offset(state.doc, e.to), insert: e.text }));
        view.dispatch({ changes, selection: { anchor: changes[0].from }, scrollIntoView: true, userEvent: "input.fix", effects: EditorView.announce.of(words.mended) });
        view.focus();
      });
      return button;
    }));
  }

  // A finding as it is shown at the word, where something points at it.
  const shown = (finding) => (view) => {
    const e = element("div", "cm-finding");
    e.append(element("p", "", finding.message));
    if (finding.remedy) e.append(element("p", "remedy", "→ " + finding.remedy));
    const choices = element("p", "choices");
    e.append(choices);
    mend(view, finding, choices);
    return e;
  };

  let timer = 0, running = false, laws = [];
  let failed = 0; // looks in a row
  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  }
  // One look at a time, however fast somebody types: what the server has begun it
  // goes on with, also where nobody waits for it any more.
  async function look() {
    if (running) return; // which looks again, for the text has changed
    running = true;
    const state = view.state;
    keep();
    box.setAttribute("aria-busy", "true");
    const telling = setTimeout(() => { parts.state.textContent = words.looking; }, slow);
    try {
      const found = await ask("findings", state, {}, AbortSignal.timeout(patience));
      failed = 0;
      if (state.doc !== view.state.doc) return;
      laws = found.articles.map((a) => ({ ...a, start: offset(state.doc, a.from), end: offset(state.doc, a.to) }));
      view.dispatch(setDiagnostics(view.state, found.findings.filter((f) => f.from).map((f) => {
        const from = offset(state.doc, f.from);
        return { from, to: Math.max(from, offset(state.doc, f.to)), severity: f.error ? "error" : "warning", message: f.message, renderMessage: shown(f), finding: f };
      })));
      list(found);
      law();
    } catch (error) {
      failed++;
      clearTimeout(telling);
      parts.state.textContent = why(error).said;
      if (!why(error).last) soon(Math.min(again * 2 ** (failed - 1), longest));
    } finally {
      running = false;
      clearTimeout(telling);
      if (state.doc !== view.state.doc) soon(pause);
      else box.removeAttribute("aria-busy");
    }
  }

  // where a finding is now, as what is typed has moved it.
  function spot(finding) {
    let now = null;
    forEachDiagnostic(view.state, (d, from, to) => { if (d.finding === finding) now = { from, to }; });
    return now;
  }

  function list(found) {
    if (parts.state.textContent !== found.said) parts.state.textContent = found.said;
    parts.list.replaceChildren(...found.findings.map((f) => {
      const item = element("li", f.error ? "bad" : "open");
      const line = element("p", "");
      if (f.from) {
        const jump = element("button", "place mono", f.place);
        jump.type = "button";
        jump.setAttribute("aria-label", words.jump + " " + f.place);
        jump.addEventListener("click", () => {
          const to = spot(f);
          if (!to) return;
          view.dispatch({ selection: { anchor: to.from, head: to.to }, effects: EditorView.scrollIntoView(to.from, { y: "center" }) });
          view.focus();
        });
        line.append(jump, " ");
      }
      line.append(element("strong", "", f.error ? words.error : words.warning), " ", f.message, " ", element("code", "", f.code));
      item.append(line);
      if (f.remedy) item.append(element("p", "remedy", "→ " + f.remedy));
      if (f.from) {
        const choices = element("p", "choices");
        const mending = element("button", "small", words.mend);
        mending.type = "button";
        mending.addEventListener("click", () => mend(view, f, choices).then(() => choices.querySelector("button")?.focus()));
        choices.append(mending);
        item.append(choices);
      }
      return item;
    }));
    parts.more.textContent = found.more;
  }

  // law shows the article that the cursor is in.
  let lawShown = null;
  function law() {
    const head = view.state.selection.main.head;
    const found = laws.find((a) => a.start <= head && head <= a.end);
    if (lawShown === (found?.heading ?? "")) return;
    lawShown = found?.heading ?? "";
    parts.law.replaceChildren(...(found
      ? [element("h3", "", found.heading), element("p", "wrap", found.text || words.notext), ...(found.note ? [element("p", "quiet wrap", found.note)] : [])]
      : [element("p", "quiet", words.elsewhere)]));
  }

  async function complete(context) {
    const word = context.matchBefore(/[\w.\u3400-\u9fff-]*/);
    if (!context.explicit && (!word || word.from === word.to)) return null;
    const stop = new AbortController();
    context.addEventListener("abort", () => stop.abort());
    try {
      const { items } = await ask("completions", context.state, place(context.state.doc, context.pos), stop.signal);
      if (!items.length) return null;
      const doc = context.state.doc;
      return {
        from: offset(doc, items[0].from),
        options: items.map((i, n) => ({ label: i.label, detail: i.detail, info: i.doc || undefined, apply: i.insert, boost: -n / 100, type: i.kind })),
        validFor: /^[\w\u3400-\u9fff-]*$/, // behind a point others may stand
      };
    } catch {
      return null; // one types on without it
    }
  }

  // keep puts the text where the form takes it from, and where the browser finds it
  // again when somebody goes back.
  function keep() {
    if (field.value !== view.state.doc.toString()) field.value = view.state.doc.toString();
  }

  // take is for what somebody else put there: the browser, for who goes back, or help
  // with writing.
  function take() {
    const doc = view.state.doc;
    if (field.value !== doc.toString()) view.dispatch({ changes: { from: 0, to: doc.length, insert: field.value } });
  }

  const color = (name) => `var(--${name})`;
  const theme = EditorView.theme({
    "&": { color: color("ink"), backgroundColor: color("surface"), border: `1px solid ${color("line-strong")}`, borderRadius: "6px", fontSize: ".8125rem", height: "min(75vh, 48rem)" },
    "&.cm-focused": { outline: `2px solid ${color("accent")}`, outlineOffset: "1px" },
    ".cm-scroller": { fontFamily: color("mono"), lineHeight: "1.5" },
    ".cm-content": { caretColor: color("ink") },
    ".cm-cursor": { borderLeftColor: color("ink") },
    ".cm-gutters": { backgroundColor: color("sunken"), color: color("muted"), borderRight: `1px solid ${color("line")}` },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
    ".cm-activeLineGutter": { backgroundColor: color("accent-soft"), color: color("ink") },
    ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: color("accent-soft"), color: color("ink") },
    ".cm-searchMatch-selected": { backgroundColor: color("open-soft"), color: color("ink"), outline: `1px solid ${color("open")}` },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: color("accent-soft"), outline: `1px solid ${color("line-strong")}` },
    ".cm-foldPlaceholder": { backgroundColor: color("sunken"), borderColor: color("line-strong"), color: color("ink") },
    ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
    ".cm-lint-marker": { width: ".625em", height: ".625em", margin: ".375em .1875em", content: "normal" },
    ".cm-lint-marker-error": { content: "normal", backgroundColor: color("bad"), borderRadius: "50%" },
    ".cm-lint-marker-warning": { content: "normal", backgroundColor: color("open"), transform: "rotate(45deg)" },
    ".cm-lintRange-error": { textDecorationColor: color("bad"), backgroundColor: color("bad-soft") },
    ".cm-lintRange-warning": { textDecorationColor: color("open"), backgroundColor: color("open-soft") },
    ".cm-tooltip": { backgroundColor: color("surface"), color: color("ink"), border: `1px solid ${color("line-strong")}`, borderRadius: "6px", maxWidth: "min(34rem, 92vw)", fontFamily: color("sans"), fontSize: ".875rem", zIndex: "20" },
    ".cm-diagnostic": { padding: ".5rem .75rem", borderLeftWidth: "3px" },
    ".cm-diagnostic-error": { borderLeftColor: color("bad") },
    ".cm-diagnostic-warning": { borderLeftColor: color("open") },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: color("mono"), fontSize: ".8125rem", maxHeight: "16rem" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: color("accent"), color: color("on-accent") },
    ".cm-completionDetail": { fontFamily: color("sans"), fontStyle: "normal", color: color("muted") },
    "li[aria-selected] .cm-completionDetail": { color: color("on-accent") },
    ".cm-completionInfo": { padding: ".5rem .75rem", whiteSpace: "pre-wrap" },
    ".cm-panels": { backgroundColor: color("sunken"), color: color("ink") },
    ".cm-panels.cm-panels-top": { borderBottom: `1px solid ${color("line-strong")}` },
    ".cm-panels.cm-panels-bottom": { borderTop: `1px solid ${color("line-strong")}` },
    ".cm-panel.cm-search": { padding: ".5rem 2rem .5rem .75rem", fontFamily: color("sans"), fontSize: ".875rem" },
    ".cm-panel.cm-search input:not([type=checkbox])": { width: "min(14rem, 60%)", minHeight: "2rem", padding: ".1875rem .5rem", fontSize: ".875rem" },
    ".cm-panel.cm-search label": { fontSize: ".875rem", fontWeight: "400", display: "inline-flex", gap: ".25rem", alignItems: "center" },
    ".cm-textfield": { backgroundColor: color("surface"), borderColor: color("line-strong") },
    ".cm-button": { backgroundImage: "none", backgroundColor: color("surface"), border: `1px solid ${color("line-strong")}`, color: color("ink"), minHeight: "2rem", padding: ".1875rem .75rem", fontSize: ".875rem" },
    ".cm-panel.cm-search [name=close]": { minHeight: "0", color: color("ink"), border: "0", fontSize: "1.25rem", right: ".5rem", top: ".25rem" },
  });
  const highlighting = HighlightStyle.define([
    { tag: [tags.definition(tags.propertyName), tags.propertyName], color: color("accent") },
    { tag: tags.comment, color: color("muted"), fontStyle: "italic" },
    { tag: tags.string, color: color("good") },
    { tag: [tags.meta, tags.labelName], color: color("open") },
  ]);

  const view = new EditorView({
    parent: box.querySelector("[data-part=editor]"),
    state: EditorState.create({
      doc: field.value,
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), highlightSpecialChars(), history(), indentOnInput(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), search({ top: true }), yaml(), indentUnit.of("  "),
        syntaxHighlighting(highlighting), theme, linter(null, { tooltipFilter: (found) => found }), autocompletion({ override: [complete], icons: false }),
        EditorState.phrases.of(words.phrases), EditorView.cspNonce.of(box.dataset.nonce),
        EditorView.contentAttributes.of({ "aria-label": words.label, "aria-describedby": "editor-keys", spellcheck: "false", autocapitalize: "off", tabindex: "0" }),
        keymap.of([...closeBracketsKeymap, { key: "Tab", run: acceptCompletion }, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) soon(pause);
          if (update.selectionSet || update.docChanged) law();
        }),
      ],
    }),
  });
  field.hidden = true;
  field.required = false; // the browser could not show it
  for (const part of box.querySelectorAll("[data-part]")) part.hidden = false;
  box.querySelector("label").addEventListener("click", (event) => { event.preventDefault(); view.focus(); });
  addEventListener("submit", keep, true);
  addEventListener("pagehide", keep);
  addEventListener("pageshow", take);
  addEventListener("focus", () => { if (failed) soon(0); }); // who comes back may have signed in elsewhere
  field.addEventListener("input", take);
  look();
}

// What the pages do with scripts: a rule shows the sentences that it rests on, the
// search, and everything open on paper. All of it works from a file, and nothing
// is loaded or sent.
(function () {
  "use strict";

  // A rule, or a sentence, that the pointer or the keyboard is on lights up what
  // belongs to it.
  function light(rule, on) {
    document.querySelectorAll(".sentence[data-rules]").forEach(function (s) {
      if (s.dataset.rules.split(" ").indexOf(rule) >= 0) s.classList.toggle("lit", on);
    });
  }
  document.querySelectorAll(".rule").forEach(function (r) {
    ["mouseenter", "focusin"].forEach(function (e) { r.addEventListener(e, function () { light(r.id, true); }); });
    ["mouseleave", "focusout"].forEach(function (e) { r.addEventListener(e, function () { light(r.id, false); }); });
  });

  // On paper nothing can be opened.
  var shut = [];
  window.addEventListener("beforeprint", function () {
    shut = Array.prototype.slice.call(document.querySelectorAll("details.choices:not([open]), .reading-entry details:not(.usedby):not([open])"));
    shut.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { shut.forEach(function (d) { d.open = false; }); });

  // Changes of days gone by stand back.
  var now = new Date();
  var today = now.getFullYear() + "-" + String(now.getMonth() + 1).padStart(2, "0") + "-" + String(now.getDate()).padStart(2, "0");
  document.querySelectorAll(".day time").forEach(function (t) {
    if (t.dateTime <= today) t.closest(".day").classList.add("past");
  });

  var results = document.getElementById("results");
  var index = window.rulebookIndex;
  if (!results || !index) return;
  var input = document.getElementById("q");
  var status = document.getElementById("found");
  var zh = document.documentElement.lang.indexOf("zh") === 0;
  var most = 60;

  function plain(text) { return text.normalize("NFKC").toLowerCase(); }
  var texts = index.map(function (e) { return [plain(e[0]), plain(e[0] + " " + e[1] + " " + e[3])]; });

  // Every word must occur, as part of a word or of Chinese; titles count most.
  function search(query) {
    var words = plain(query).split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    var found = [];
    texts.forEach(function (t, i) {
      if (!words.every(function (w) { return t[1].indexOf(w) >= 0; })) return;
      var score = 0;
      words.forEach(function (w) { var at = t[0].indexOf(w); if (at >= 0) score += at === 0 ? 3 : 2; });
      if (t[0] === words.join(" ")) score += 5;
      found.push([score, i]);
    });
    found.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
    return found.map(function (f) { return index[f[1]]; });
  }

  // marked puts a text into an element, with what was searched for marked.
  function marked(element, text, words) {
    var low = text.toLowerCase();
    var at = 0;
    while (at < text.length) {
      var next = -1, length = 0;
      words.forEach(function (w) { var i = low.indexOf(w, at); if (i >= 0 && (next < 0 || i < next)) { next = i; length = w.length; } });
      if (next < 0) break;
      element.append(text.slice(at, next));
      var m = document.createElement("mark");
      m.textContent = text.slice(next, next + length);
      element.append(m);
      at = next + length;
    }
    element.append(text.slice(at));
  }

  function show(query) {
    var words = plain(query).split(/\s+/).filter(Boolean);
    var found = search(query);
    results.textContent = "";
    status.textContent = !words.length ? "" : zh ? "找到 " + found.length + " 处" + (found.length > most ? "，先列 " + most + " 处" : "") : found.length + " found" + (found.length > most ? ", the first " + most + " of them" : "");
    found.slice(0, most).forEach(function (e) {
      var li = document.createElement("li"), a = document.createElement("a"), p = document.createElement("p"), kind = document.createElement("span");
      a.href = e[2];
      a.dir = "auto";
      if (!zh && /\p{Script=Han}/u.test(e[0])) a.lang = "zh-CN";
      marked(a, e[0], words);
      kind.className = "quiet";
      kind.textContent = " " + e[1];
      li.append(a, kind);
      var low = e[3].toLowerCase();
      var at = Math.min.apply(null, words.map(function (w) { var i = low.indexOf(w); return i < 0 ? 1e9 : i; }));
      var from = at > 1e8 ? 0 : Math.max(0, at - 30);
      var snippet = (from > 0 ? "…" : "") + e[3].slice(from, from + 140) + (e[3].length > from + 140 ? "…" : "");
      p.dir = "auto";
      marked(p, snippet, words);
      if (e[3]) li.append(p);
      results.append(li);
    });
  }

  var asked = new URLSearchParams(location.search).get("q") || "";
  input.value = asked;
  input.addEventListener("input", function () {
    show(input.value);
    try { history.replaceState(null, "", "?q=" + encodeURIComponent(input.value)); } catch (e) { /* of a file it may be refused */ }
  });
  input.form.addEventListener("submit", function (e) { e.preventDefault(); show(input.value); });
  show(asked);
  if (!asked) input.focus();
})();

// The answer while the form is being filled in: the form is sent as it would
// be by its button, and the parts marked data-live are taken from the page
// that comes back. Rows are added and removed by the server in the same way.
(() => {
  "use strict";
  const form = document.getElementById("ask");
  if (!form) return;
  const pause = 300; // milliseconds without a further change
  let timer = 0; // not 0: something has changed that was not sent
  let running = null; // the request that is under way
  const taken = new Map(); // parts by id, as they came last
  let unkept = false; // something has changed that the server does not know of

  // busy tells of an answer that is not the one to what the form says now.
  function busy(on) {
    const answer = document.getElementById("answer");
    if (on) answer.setAttribute("aria-busy", "true");
    else answer.removeAttribute("aria-busy");
  }

  function said(extra) {
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    return body;
  }

  // send sends what the form said when it was put together. It gives null
  // where a newer request took over, or where something went wrong, which is
  // told.
  async function send(body, part) {
    if (running) running.abort();
    const mine = (running = new AbortController());
    unkept = false;
    try {
      const response = await fetch(form.action, { method: "POST", body, signal: mine.signal, headers: { Live: part } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine.signal.aborted) return null;
      const fits = response.ok && page.getElementById("answer");
      trouble(fits ? "" : [...page.querySelectorAll("main h1, main .lead")].map((e) => e.textContent).join(" → ") || away());
      return fits ? page : null;
    } catch {
      if (!mine.signal.aborted) {
        unkept = true;
        trouble(away());
      }
      return null;
    } finally {
      if (running === mine) running = null;
    }
  }

  function away() {
    return document.querySelector("#trouble p").dataset.away;
  }

  // trouble says that no answer came, "" that one did. What was filled in
  // stays.
  function trouble(text) {
    const note = document.getElementById("trouble");
    if (text) note.querySelector("p").textContent = text;
    note.hidden = !text;
  }

  // replace takes a part of the page and keeps the focus and what is unfolded.
  function replace(page, id) {
    const from = page.getElementById(id);
    const to = document.getElementById(id);
    if (!from || !to || taken.get(id) === from.innerHTML) return;
    taken.set(id, id === "facts" ? null : from.innerHTML); // what people change in the facts is not there
    const focus = to.contains(document.activeElement) ? document.activeElement.id : "";
    const open = new Set([...to.querySelectorAll("details[id]")].filter((d) => d.open).map((d) => d.id));
    to.replaceChildren(...from.childNodes);
    to.querySelectorAll("details[id]").forEach((d) => { if (open.has(d.id)) d.open = true; });
    if (focus) document.getElementById(focus)?.focus();
    to.dispatchEvent(new CustomEvent("replaced", { bubbles: true }));
  }

  // live takes the parts that came. The readings stay as they are, with what
  // is chosen among them, until what the others would change has come.
  function live(page) {
    for (const part of page.querySelectorAll("[data-live]")) replace(page, part.id);
    for (const error of form.querySelectorAll(".error")) error.closest(".field, .group")?.classList.toggle("wrong", error.textContent !== "");
    const later = page.querySelector("[data-later]");
    if (later && (!later.childElementCount || !document.querySelector("#readings .switch"))) replace(page, later.id);
  }

  // update asks for the answer, and then for what other readings would change:
  // both to what the form says at one moment.
  async function update() {
    clearTimeout(timer);
    timer = 0;
    busy(true);
    const body = said({});
    for (const part of ["first", "rest"]) {
      const page = await send(body, part);
      if (!page) break;
      live(page);
    }
    if (!running && !timer && document.getElementById("trouble").hidden) busy(false);
  }

  function soon() {
    if (running) running.abort(); // its answer is to something else
    clearTimeout(timer);
    timer = setTimeout(update, pause);
    unkept = true;
    busy(true);
    remember();
  }

  // near puts the answer in short where the change was made: on a phone the
  // whole of it stands far below.
  function near(target) {
    const peek = document.getElementById("peek");
    const field = target.closest(".field, .group");
    if (peek && field && field.nextElementSibling !== peek) field.after(peek);
  }

  // remember has the address name the form, for going back to it.
  function remember() {
    const at = new URL(form.action);
    at.searchParams.set("form", form.elements._form.value);
    if (location.href !== at.href) history.replaceState(history.state, "", at);
  }

  addEventListener("pagehide", () => {
    if (unkept || running) fetch(form.action, { method: "POST", body: said({}), headers: { Live: "keep" }, keepalive: true }).catch(() => {});
  });

  // "none" and the entries of a list exclude each other
  function exclude(target) {
    const special = (e) => e.type === "checkbox" && (e.value === "[]" || e.value === "null");
    if (target.type === "checkbox" ? !target.checked : target.tagName !== "TEXTAREA" || !target.value) return;
    for (const other of form.querySelectorAll(`[name="${CSS.escape(target.name)}"]`)) {
      if (other === target || !(special(target) || special(other))) continue;
      if (other.type === "checkbox") other.checked = false;
      else if (other.tagName === "TEXTAREA") other.value = "";
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "_example") return;
    exclude(event.target);
    if (!event.target.name.startsWith("_reading.")) near(event.target);
    soon();
  });
  form.addEventListener("change", (event) => {
    const target = event.target;
    if (target.name === "_example") {
      if (target.value) form.submit();
      return;
    }
    exclude(target);
    soon();
  });

  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || button.name === "lang" || button.name === "theme") return;
    if (button.name === "_record") {
      if (!timer && !running) return;
      event.preventDefault(); // what goes on record is what stands there
      const outcome = document.getElementById("outcome");
      const before = outcome.textContent;
      await update();
      const again = document.getElementById("record");
      if (again && outcome.textContent === before && !timer) form.requestSubmit(again);
      return;
    }
    if (button.name === "_own") {
      event.preventDefault();
      clearTimeout(timer);
      timer = 0;
      busy(true);
      remember();
      const page = await send(said({ _own: "1" }), "rest");
      if (!page) return;
      live(page);
      busy(false);
      document.querySelector("#readings input:checked")?.focus();
      return;
    }
    if (button.name === "_add" || button.name === "_remove") {
      event.preventDefault();
      clearTimeout(timer);
      timer = 0;
      busy(true);
      remember();
      form.inert = true; // what is typed meanwhile would be lost
      const page = await send(said({ [button.name]: button.value }), "first");
      form.inert = false;
      if (!page) return;
      replace(page, "facts");
      live(page);
      focusRow(button);
      soon();
      return;
    }
    if (button.id === "go" || button.classList.contains("sr")) {
      event.preventDefault();
      remember();
      await update();
      if (matchMedia("(max-width: 60rem)").matches) document.getElementById("result").scrollIntoView(); // it stands below
    }
  });

  // What would change the answer takes a while to find, so it is asked for once
  // it is wanted. The page that has it is the link's that it replaces.
  form.addEventListener("toggle", async (event) => {
    const box = event.target;
    if (box.id !== "what-if" || !box.open || box.dataset.taken) return;
    const body = box.querySelector(".whatif-body");
    box.dataset.taken = "yes";
    body.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(box.dataset.from);
      const found = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("firm");
      if (!response.ok || !found) throw new Error();
      for (const field of found.querySelectorAll('a[href*="#"]')) field.setAttribute("href", new URL(field.href).hash); // they are on this page
      found.removeAttribute("id");
      body.replaceChildren(found);
    } catch {
      body.append(Object.assign(document.createElement("p"), { className: "error", textContent: box.dataset.away }));
      delete box.dataset.taken;
    } finally {
      body.removeAttribute("aria-busy");
    }
  }, true);

  // focusRow goes on in the new row, or at the button that adds one.
  function focusRow(button) {
    const path = button.name === "_add" ? button.value : button.value.replace(/\[\d+\]$/, "");
    const list = document.getElementById("f-" + path.replace(/[.[]/g, "-").replace(/\]/g, ""));
    if (!list) return;
    const rows = list.querySelectorAll(":scope > .row");
    const first = button.name === "_add" && rows.length ? rows[rows.length - 1].querySelector("input:not([type=hidden]), select, textarea") : null;
    (first || list.querySelector(".add") || list).focus();
  }
})();

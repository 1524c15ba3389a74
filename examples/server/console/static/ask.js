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
  let latest = 0; // counts the updates

  // busy tells of an answer that is not the one to what the form says now.
  function busy(on) {
    const answer = document.getElementById("answer");
    if (on) answer.setAttribute("aria-busy", "true");
    else answer.removeAttribute("aria-busy");
  }

  async function send(extra, part) {
    if (running) running.abort();
    const mine = (running = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    try {
      const response = await fetch(form.action, { method: "POST", body, signal: mine.signal, headers: { Live: part } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine.signal.aborted) return null;
      if (!page.getElementById("answer")) {
        form.submit(); // something else came: let the browser show it
        return null;
      }
      return page;
    } catch {
      return null; // given up for a newer one, or the server is away
    } finally {
      if (running === mine) running = null;
    }
  }

  // replace takes a part of the page and keeps the focus and what is unfolded.
  function replace(page, id) {
    const from = page.getElementById(id);
    const to = document.getElementById(id);
    if (!from || !to || from.innerHTML === to.innerHTML) return;
    const focus = to.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...to.querySelectorAll("details")].map((d) => d.open);
    to.innerHTML = from.innerHTML;
    to.querySelectorAll("details").forEach((d, i) => { if (open[i]) d.open = true; });
    if (focus) document.getElementById(focus)?.focus();
    to.dispatchEvent(new CustomEvent("replaced", { bubbles: true }));
  }

  function live(page) {
    for (const part of page.querySelectorAll("[data-live]")) replace(page, part.id);
  }

  // update asks for the answer, and then for what other readings would change.
  async function update() {
    clearTimeout(timer);
    timer = 0;
    const mine = ++latest;
    busy(true);
    const first = await send({}, "first");
    if (first) {
      const switches = document.querySelector(".switches");
      const waiting = first.querySelector(".switches");
      if (switches && waiting) waiting.innerHTML = switches.innerHTML; // the old ones until the new are there
      live(first);
      const rest = await send({}, "rest");
      if (rest) live(rest);
    }
    if (mine === latest && !timer) busy(false);
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(update, pause);
    busy(true);
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "_example") return;
    soon();
  });
  form.addEventListener("change", (event) => {
    const target = event.target;
    if (target.name === "_example") {
      if (target.value) form.submit();
      return;
    }
    // "none" and the items of a list exclude each other
    if (target.type === "checkbox" && target.checked) {
      const special = (v) => v === "[]" || v === "null";
      for (const other of form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(target.name)}"]`)) {
        if (other !== target && (special(target.value) || special(other.value))) other.checked = false;
      }
    }
    soon();
  });

  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || button.name === "_record" || button.name === "lang" || button.name === "theme") return;
    if (button.name === "_add" || button.name === "_remove") {
      event.preventDefault();
      busy(true);
      const page = await send({ [button.name]: button.value }, "first");
      if (!page) return;
      replace(page, "facts");
      live(page);
      focusRow(button);
      soon();
      return;
    }
    if (button.id === "go" || button.classList.contains("sr")) {
      event.preventDefault();
      await update();
      if (matchMedia("(max-width: 60rem)").matches) document.getElementById("result").scrollIntoView(); // it stands below
    }
  });

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

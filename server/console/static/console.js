// Small things on every page: the theme at once, the banner while the page is
// open, copying and printing. Without it every page works, by loading again.
(() => {
  "use strict";
  const root = document.documentElement;

  // What comes of something that was sent is not to be sent again by going back
  // to it or by loading it again.
  const again = document.body.dataset.again;
  if (again) history.replaceState(history.state, "", again);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-to]");
    if (button) {
      event.preventDefault();
      const theme = button.dataset.themeTo;
      root.dataset.theme = theme;
      document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
      const other = document.querySelector(theme === "dark" ? ".to-light" : ".to-dark");
      if (other) other.focus();
      return;
    }
    const keep = event.target.closest("[data-keep]"); // a choice that keeps the rest of the address
    if (keep) {
      const to = new URL(location.href);
      to.searchParams.set(keep.dataset.keep, new URL(keep.href).searchParams.get(keep.dataset.keep));
      keep.href = to.pathname + to.search + to.hash;
      return;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
    if (event.target.closest("[data-print]")) window.print();
  });

  async function copyText(button) {
    const source = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source); // to be copied by hand
      return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  function reveal(part) {
    for (const b of part.querySelectorAll("[data-copy][hidden], [data-print][hidden]")) b.hidden = false;
  }
  reveal(document);
  document.addEventListener("replaced", (event) => reveal(event.target));

  // A link to a field inside something folded opens it.
  function unfold() {
    const at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let e = at; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (at && at.matches("input, select, textarea")) at.focus();
  }
  addEventListener("hashchange", unfold);
  unfold();

  const banner = document.getElementById("banner");
  const every = 3000;
  let shown = banner.innerHTML.trim();
  async function look() {
    if (document.visibilityState === "visible") {
      try {
        const response = await fetch("/banner", { cache: "no-store" });
        if (response.status === 401) return; // signed out: the next page tells
        if (response.ok) {
          const text = (await response.text()).trim();
          const next = document.createElement("div");
          next.innerHTML = text;
          if (next.innerHTML.trim() !== shown) {
            banner.innerHTML = text;
            shown = next.innerHTML.trim();
          }
        }
      } catch {
        // the server is away: the next look tells
      }
    }
    setTimeout(look, every);
  }
  if (shown) setTimeout(look, every); // not on a page for whom nobody knows

  // What is found out of a change of the rules comes in while the page is open.
  const study = document.getElementById("study-part");
  async function follow() {
    if (document.visibilityState === "visible" && !study.contains(document.activeElement)) {
      try {
        const response = await fetch(study.dataset.study, { cache: "no-store" });
        if (response.ok) {
          // Parts only come in behind those that are there: what is unfolded
          // stays so by its place.
          const open = [...study.querySelectorAll("details")].map((d) => d.open);
          study.innerHTML = await response.text();
          study.querySelectorAll("details").forEach((d, i) => { d.open ||= open[i] ?? false; });
        }
      } catch {
        // the server is away: the next look tells
      }
    }
    if (study.querySelector("[data-done=false]")) setTimeout(follow, 1000);
  }
  if (study && study.querySelector("[data-done=false]")) setTimeout(follow, 500);
})();

/* Keys and freshness for the pages of cases. Without it everything works by links and forms. */
"use strict";
(() => {
  const one = (what) => document.querySelector(what);
  const all = (what) => [...document.querySelectorAll(what)];
  const isTyping = (at) => at.closest("textarea, select, dialog, input:not([type=checkbox])") !== null;

  // --- where the keys are: one row
  let here = "";
  const rows = () => all("table.cases tbody tr");
  function go(step) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.id === here);
    const next = list[Math.min(list.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    stand(next);
    next.querySelector("a.open").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  function stand(row) {
    rows().forEach((each) => each.classList.toggle("here", each === row));
    here = row ? row.id : "";
  }
  function tick() {
    const box = here && document.getElementById(here)?.querySelector("input[name=case]");
    if (box) { box.checked = !box.checked; count(); }
  }
  function count() {
    const boxes = all("input[name=case]"), many = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => box.closest("tr").classList.toggle("chosen", box.checked));
    const said = one(".chosen-count"), every = one("input.all");
    if (said) said.textContent = many ? `${many} ticked` : "";
    if (every) { every.checked = many > 0 && many === boxes.length; every.indeterminate = many > 0 && many < boxes.length; }
  }
  const KEYS = {
    j: () => go(1), k: () => go(-1), x: tick,
    o: () => here && document.getElementById(here)?.querySelector("a.open").click(),
    "/": () => one("#q")?.focus(),
    u: () => one("a.up")?.click(),
    r: () => one("form.act #reason")?.focus(),
    n: () => one("#text")?.focus(),
    "?": () => { const keys = one("dialog.keys-shown"); keys?.open ? keys.close() : keys?.showModal(); },
  };
  document.addEventListener("keydown", (pressed) => {
    if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.defaultPrevented) return;
    if (pressed.key === "Escape" && isTyping(pressed.target)) { pressed.target.blur(); return; }
    const act = KEYS[pressed.key];
    if (!act || (isTyping(pressed.target) && !(pressed.key === "?" && pressed.target.closest("dialog")))) return;
    pressed.preventDefault();
    act();
  });
  document.addEventListener("focusin", (met) => {
    const row = met.target.closest("table.cases tbody tr");
    if (row) stand(row);
  });
  document.addEventListener("change", (changed) => {
    if (changed.target.matches("input.all")) all("input[name=case]").forEach((box) => { box.checked = changed.target.checked; });
    if (changed.target.matches("input.all, input[name=case]")) count();
  });
  document.addEventListener("submit", (sent) => {
    if (!sent.target.matches("form.act, form.bulk")) return;
    if (sent.target.dataset.sent) sent.preventDefault(); // the second click; the server would know it, too
    sent.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => all("[data-sent]").forEach((form) => delete form.dataset.sent));
  function dress() { const every = one("input.all"); if (every) every.hidden = false; count(); if (here) stand(document.getElementById(here)); }
  dress();
  document.addEventListener("htmx:after:swap", dress);

  // --- freshness: word comes that something has changed; what is being worked on is left alone
  const place = () => one("#list") || one("#live");
  const isBusy = () => all("input[name=case]:checked").length > 0 || (place()?.contains(document.activeElement) && isTyping(document.activeElement));
  let waiting = 0;
  function refresh() {
    waiting = 0;
    const bar = one(".fresh");
    if (isBusy()) { if (bar) bar.hidden = false; return; }
    if (bar) bar.hidden = true;
    const focused = document.activeElement?.closest("table.cases tr")?.id;
    if (focused) document.addEventListener("htmx:after:swap", () => document.getElementById(focused)?.querySelector("a.open").focus(), { once: true });
    htmx.trigger(place(), "refresh");
  }
  one(".fresh button")?.addEventListener("click", () => { all("input[name=case]:checked").forEach((box) => { box.checked = false; }); document.activeElement?.blur(); refresh(); });
  if (place() && "EventSource" in window) {
    const since = place().dataset.tick ? `?since=${place().dataset.tick}` : "";
    const words = new EventSource(`/cases/events${since}`);
    words.addEventListener("changed", () => { if (!waiting) waiting = setTimeout(refresh, 400); });
    window.addEventListener("pagehide", () => words.close());
  }
})();

// Keys for what people do all day; `?` shows them, and they can be switched off.
import { stop } from "./acts.js";
import { press, release } from "./hold.js";
import { toggle as mute } from "./sounds.js";

const PAGES = { l: "/", x: "/exceptions", b: "/barriers", p: "/passages", a: "/alarms" };
const help = document.getElementById("help");
const on = document.getElementById("keys-on");

const cards = () => [...document.querySelectorAll("[data-passage]:not(.over)")];
// The vehicle that the keys mean: the one touched last, and nobody once it no longer waits.
let marked = null;
const current = () => cards().find((card) => card === marked);

function mark(card) {
  if (card === marked) return;
  marked?.removeAttribute("aria-current");
  marked = card;
  card.setAttribute("aria-current", "true");
}

function markTouched(event) {
  const card = event.target.closest?.("[data-passage]:not(.over)");
  if (card) mark(card);
}

// A reason by its number begins with the first one where none is marked.
function begun() {
  const card = current() ?? cards()[0];
  if (card) mark(card);
  return card;
}

function step(by) {
  const all = cards();
  const at = all.indexOf(document.activeElement?.closest("[data-passage]"));
  const next = all[at < 0 ? 0 : (at + by + all.length) % all.length];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "start" });
}

function showHelp() {
  if (help.open) help.close();
  else help.show();
}

const typing = (event) => event.target.closest?.("input:not([type=checkbox]), select, textarea");

function key(event) {
  const lane = /^F([1-8])$/.exec(event.key);
  // A stop is given whatever has the focus.
  if (lane) {
    const button = document.querySelectorAll("[data-order=stop]")[Number(lane[1]) - 1];
    // A key that is held down stops once.
    if (button) { event.preventDefault(); if (!event.repeat) stop(button.dataset.lane); }
    return;
  }
  if (event.key === "Escape" && help.open) { help.close(); return; }
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event) || !on.checked) return;
  const link = PAGES[event.key] && document.querySelector(`nav a[href="${PAGES[event.key]}"]`);
  const sheet = document.getElementById("confirm");
  const reasons = () => (sheet?.open ? sheet : begun())?.querySelectorAll("[data-fill=reason]") ?? [];
  if (event.key === "?") showHelp();
  else if (event.key === "m") mute();
  else if (link) link.click();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (/^[1-4]$/.test(event.key)) reasons()[Number(event.key) - 1]?.click();
  else if (event.key === "y" && !event.repeat) {
    const button = sheet?.open ? sheet.querySelector("[data-hold]") : current()?.querySelector("[value=admit]");
    if (button) press(button);
  } else if (event.key === "n") current()?.querySelector("[value=reject]")?.click();
  else return;
  event.preventDefault();
}

export function begin() {
  on.checked = localStorage.getItem("gate.keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("gate.keys", on.checked ? "on" : "off"));
  document.getElementById("help-open").addEventListener("click", showHelp);
  help.querySelector("[data-close]").addEventListener("click", () => help.close());
  for (const name of ["focusin", "pointerdown"]) document.addEventListener(name, markTouched);
  document.addEventListener("keydown", key);
  document.addEventListener("keyup", (event) => { if (event.key === "y") release(); });
}

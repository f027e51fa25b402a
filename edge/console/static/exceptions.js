// The vehicles that wait, each card by its passage: nothing moves under a finger, nothing typed is
// lost, and a card whose vehicle no longer waits says so and closes itself.
import { moved } from "./hold.js";
import { fetchPage } from "./parts.js";

const ENDED_FOR_MS = 8000;
const CHANGED_FOR_MS = 6000;
const list = document.getElementById("waiting");
let known = "";
let busy = false;

const cards = () => [...list.querySelectorAll("[data-passage]")];

function end(card) {
  if (card.classList.contains("over")) return;
  card.classList.add("over");
  card.querySelector("[data-ended]").hidden = false;
  card.querySelector("form").inert = true;
  moved();
  setTimeout(() => { card.remove(); moved(); nobody(); }, ENDED_FOR_MS);
}

function change(card, fresh) {
  const version = fresh.dataset.version;
  if (card.dataset.version === version) return;
  card.dataset.version = version;
  for (const part of ["[data-seen]", "[data-near]", "[data-choices]"])
    card.querySelector(part).replaceChildren(...fresh.querySelector(part).childNodes);
  const [mine, now] = [card, fresh].map((at) => at.querySelector("form").elements);
  mine.version.value = version;
  const plate = mine.plate;
  // A plate that somebody typed is his.
  if (plate.value === plate.defaultValue && plate !== document.activeElement) plate.value = now.plate.value;
  plate.defaultValue = now.plate.defaultValue;
  const word = card.querySelector("[data-changed]");
  word.hidden = false;
  clearTimeout(card.timer);
  card.timer = setTimeout(() => { word.hidden = true; }, CHANGED_FOR_MS);
  moved();
}

function nobody() {
  document.getElementById("nobody").hidden = cards().length > 0;
}

async function merge() {
  const fresh = new Map([...(await fetchPage()).querySelectorAll("[data-passage]")].map((card) => [card.dataset.passage, card]));
  for (const card of cards()) {
    const now = fresh.get(card.dataset.passage);
    if (!now) end(card);
    else if (!card.classList.contains("over")) change(card, now);
    fresh.delete(card.dataset.passage);
  }
  for (const card of fresh.values()) list.append(card);
  if (fresh.size) moved();
  nobody();
}

export async function show(view) {
  if (!list) return;
  const now = view.lanes.filter((l) => l.waiting).map((l) => `${l.passage} ${l.version}`).sort().join();
  if (now === known || busy) return;
  busy = true;
  try {
    await merge();
    known = now;
  } catch { /* with the next state */ }
  busy = false;
}

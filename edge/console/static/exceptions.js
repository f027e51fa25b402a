// The vehicles that wait, each card by its passage: nothing moves under a finger, nothing typed is
// lost, and a card whose vehicle no longer waits says so and closes itself.
import { moved } from "./hold.js";
import { act, post, say } from "./acts.js";
import { end as endDraft, keep as keepDraft, restore as restoreDraft } from "./drafts.js";
import { elapsed } from "./elapsed.js";
import { fetchPage } from "./parts.js";
import { colon, laneName, translate } from "./text.js";

const CLAIM_EVERY_MS = 20000;
const ENDED_FOR_MS = 8000;
const CHANGED_FOR_MS = 6000;
const list = document.getElementById("waiting");
let known = "";
let busy = false;

const cards = () => [...list.querySelectorAll("[data-passage]")];

function end(card) {
  if (card.classList.contains("over")) return;
  card.classList.add("over");
  endDraft(card);
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
  for (const card of fresh.values()) { list.append(card); restoreDraft(card); }
  if (fresh.size) moved();
  nobody();
}

// --- who deals with it ---

function holder(card, lane) {
  const at = card.querySelector("[data-holder]");
  const referral = lane?.referral;
  const mine = referral?.holder === document.body.dataset.user;
  const told = [];
  if (referral?.holder) told.push(mine ? translate("held_by_you") : `${translate("held_by")} ${referral.holder}`);
  if (referral?.first_by) told.push(`${translate("first_admitted_by")} ${referral.first_by}. ${translate("needs_second")}`);
  else if (referral?.four_eyes) told.push(translate("needs_second"));
  if (referral?.raised_by) told.push(`${translate("passed_on_by")} ${referral.raised_by}`);
  const text = told.join(" · ");
  const words = at.querySelector("span");
  if (words.textContent !== text) { words.textContent = text; moved(); }
  at.hidden = !text;
  at.classList.toggle("other", Boolean(referral?.holder) && !mine);
  card.querySelector("[data-referral=release]").hidden = !mine;
}

const about = (card, what) => ({ lane: card.dataset.lane, passage: card.dataset.passage, what });

// Whoever begins to deal with a vehicle has it for a while; so others see it, and no two decide.
async function claim(card) {
  if (elapsed() - (card.claimedAt ?? -Infinity) < CLAIM_EVERY_MS || card.classList.contains("over")) return;
  card.claimedAt = elapsed();
  try {
    const answer = await post("/api/referral", about(card, "claim"));
    if (answer.status !== 409) return;
    card.claimedAt = undefined;
    say(`claim ${card.dataset.passage}`, "bad", `${laneName(card.dataset.lane)}${colon()}${(await answer.json()).says}`);
  } catch { /* the decision asks for it too */ }
}

function pass(card, what) {
  const reason = card.querySelector("[name=reason]");
  if (what === "escalate" && !reason.reportValidity()) return;
  act("/api/referral", { ...about(card, what), reason: reason.value }, [laneName(card.dataset.lane), translate(what === "release" ? "release_claim" : what)]);
}

export function begin() {
  if (!list) return;
  for (const name of ["focusin", "input"])
    list.addEventListener(name, (event) => {
      const card = event.target.closest("[data-passage]");
      if (card && event.target.closest("form")) claim(card);
    });
  list.addEventListener("input", (event) => { keepDraft(event.target.closest("[data-passage]")); });
  for (const card of cards()) restoreDraft(card);
  // Who was quicker than this script has it too.
  const touched = document.activeElement?.closest?.("form [name], form button")?.closest("[data-passage]");
  if (touched) claim(touched);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-referral]");
    if (button) pass(button.closest("[data-passage]"), button.dataset.referral);
  });
}

export async function show(view) {
  if (!list) return;
  for (const card of cards()) holder(card, view.lanes.find((lane) => lane.passage === card.dataset.passage));
  const now = view.lanes.filter((l) => l.waiting).map((l) => `${l.passage} ${l.version}`).sort().join();
  if (now === known || busy) return;
  busy = true;
  try {
    await merge();
    known = now;
  } catch { /* with the next state */ }
  busy = false;
}

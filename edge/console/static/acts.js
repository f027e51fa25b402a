// What people do: sent from the page they are on, and answered there with lane, act and outcome.
import { moved } from "./hold.js";
import { lastSeen } from "./lanes.js";
import { hasJustMoved } from "./parts.js";
import { renewed, signInAgain } from "./session.js";
import { colon, known, laneName, translate } from "./text.js";

const ANSWER_MS = 10000;
const GOOD_FOR_MS = 20000;
const MOST_SAID = 6;
const TAPPED_AGAIN_MS = 1000;

export const token = () => document.querySelector("meta[name=csrf]").content;

export function post(path, body, wait = ANSWER_MS) {
  return fetch(path, {
    method: "POST",
    cache: "no-store",
    priority: "high",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(wait),
  });
}

const said = document.getElementById("said");
const banners = new Map();

// One line for each `of`, the last one counts. What went wrong stays until it is put away.
export function say(of, kind, text) {
  const at = banners.get(of) ?? document.createElement("p");
  at.className = `banner ${kind}`;
  at.setAttribute("role", kind === "bad" ? "alert" : "status");
  const close = document.createElement("button");
  close.className = "small";
  close.textContent = "×";
  close.setAttribute("aria-label", translate("close"));
  const away = () => { at.remove(); banners.delete(of); };
  close.addEventListener("click", away);
  const words = document.createElement("span");
  words.textContent = text;
  at.replaceChildren(words, close);
  clearTimeout(at.timer);
  if (kind === "good") at.timer = setTimeout(away, GOOD_FOR_MS);
  banners.delete(of);
  banners.set(of, at);
  said.append(at);
  for (const [oldest, one] of [...banners].slice(0, -MOST_SAID)) { one.remove(); banners.delete(oldest); }
  said.scrollTop = said.scrollHeight;
}

// In the reader's language: as the gate says it, else by the kind of the answer.
async function why(answer) {
  const told = await answer.json().catch(() => ({}));
  return told.says ?? translate(answer.status >= 500 ? "answer_5xx" : known(`answer_${answer.status}`) ? `answer_${answer.status}` : "answer_4xx");
}

// Sends it and says what became of it; true where it was done.
export async function act(path, body, about) {
  const name = about.filter(Boolean).join(" · ");
  say(name, "", `${name}${colon()}${translate("act_trying")}`);
  try {
    let answer = await post(path, body);
    // Refused before anything was done: the page's token was of a session before.
    if (answer.status === 403 && await renewed()) answer = await post(path, body);
    if (answer.ok) {
      const second = (await answer.json().catch(() => ({}))).state === "second";
      say(name, second ? "" : "good", `${name}${colon()}${translate(second ? "needs_second" : "done")}`);
      return true;
    }
    if (answer.status === 401) { say(name, "bad", `${name}${colon()}${translate("not_done")} ${translate("sign_in_first")}`); signInAgain(); return false; }
    say(name, "bad", `${name}${colon()}${translate("not_done")} ${await why(answer)}`);
  } catch {
    // It may have been done: the barrier is looked at, nothing is sent again.
    say(name, "bad", `${name}${colon()}${translate("no_answer")}`);
  }
  return false;
}

// A stop goes over a connection that the page has, and where that breaks it is sent again. Stopping
// twice stops.
const STOP_FOR_MS = 15000;
const STOP_ANSWER_MS = 6000;
const STOP_AGAIN_MS = 200;

export async function stop(lane) {
  const name = `${laneName(lane)} · ${translate("action_stop")}`;
  const until = performance.now() + STOP_FOR_MS;
  let last = "";
  say(name, "", `${name}${colon()}${translate("stop_trying")}`);
  while (performance.now() < until) {
    try {
      const answer = await post("/api/order", { lane, action: "stop" }, STOP_ANSWER_MS);
      if (answer.ok) return say(name, "good", `${name}${colon()}${translate("stop_done")}`);
      if (answer.status === 401) {
        signInAgain();
        return say(name, "bad", `${name}${colon()}${translate("stop_failed")} ${translate("sign_in_first")}`);
      }
      if (answer.status === 403 && await renewed(true)) continue;
      last = await why(answer);
      // The barrier's own answer, and a page that may order nothing: to be read, not tried again.
      if (answer.status < 429) return say(name, "bad", `${name}${colon()}${translate("stop_failed")} ${last}`);
    } catch { /* the connection broke; once more */ }
    say(name, "bad", `${name}${colon()}${translate("stop_again")}`);
    await new Promise((done) => setTimeout(done, STOP_AGAIN_MS));
  }
  say(name, "bad", `${name}${colon()}${translate("stop_failed")} ${last}`);
}

// --- orders: lane and act first, then a reason, then held ---

const sheet = document.getElementById("confirm");
// Who stands in the lane has to have been seen.
const RAISES = new Set(["open", "hold_open"]);

function ask(button) {
  const form = sheet.querySelector("form");
  const { lane, order } = button.dataset;
  if (!sheet.open || form.elements.lane.value !== lane || form.elements.action.value !== order) form.reset();
  form.elements.lane.value = lane;
  form.elements.action.value = order;
  sheet.seen = lastSeen(lane);
  if (!sheet.seen) waitForState(lane);
  const what = `${translate("action_" + order)} · ${laneName(lane)}`;
  document.getElementById("confirm-what").textContent = what;
  sheet.querySelector("[data-hold] b").textContent = what;
  if (!sheet.open) { sheet.show(); moved(); }
  sheet.opener = button;
  sheet.querySelector("[data-fill]").focus();
}

// A page that has only just come has seen nobody yet: what it shows first is what was seen.
function waitForState(lane) {
  const timer = setInterval(() => {
    if (sheet.open && sheet.querySelector("form").elements.lane.value === lane) sheet.seen ??= lastSeen(lane);
    if (sheet.seen || !sheet.open) clearInterval(timer);
  }, 100);
}

function leave() {
  sheet.close();
  sheet.opener?.focus();
}

async function order() {
  const form = sheet.querySelector("form");
  if (!form.reportValidity()) return;
  const body = Object.fromEntries(new FormData(form));
  const about = [laneName(body.lane), translate("action_" + body.action)];
  if (!sheet.seen && RAISES.has(body.action)) {
    const name = about.join(" · ");
    say(name, "bad", `${name}${colon()}${translate("not_done")} ${translate("no_state_yet")}`);
    return;
  }
  if (sheet.seen) Object.assign(body, { passage: sheet.seen.passage ?? "", version: sheet.seen.version });
  leave();
  await act("/api/order", body, about);
}

// --- forms of the pages ---

// Once at a time: a glove taps twice, and the second would be refused as done already.
const sent = new WeakSet();

export async function submit(form, button) {
  if (sent.has(form) || hasJustMoved(form) || !form.reportValidity()) return;
  sent.add(form);
  await send(form, button);
  setTimeout(() => sent.delete(form), TAPPED_AGAIN_MS);
}

// `button`: which one was pressed.
async function send(form, button) {
  const body = Object.fromEntries(new FormData(form));
  delete body.csrf;
  if (button?.name) body[button.name] = button.value;
  const path = form.dataset.api;
  if (path === "/api/decide") {
    body.admit = body.choice === "admit";
    const choice = body.choice;
    delete body.choice;
    await act(path, body, [laneName(body.lane), translate("action_" + choice), body.plate]);
    return;
  }
  const done = await act(path, body, [translate(button?.dataset.says ?? "") || button?.textContent.trim(), body.name ?? laneName(body.lane) ?? ""]);
  if (done) {
    form.reset();
    document.dispatchEvent(new CustomEvent("acted"));
  }
}

export function begin() {
  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-order]");
    if (at && at.dataset.order !== "stop") ask(at);
    // One touch instead of typing: a choice fills the field of its form.
    const choice = event.target.closest("[data-fill]");
    if (choice) {
      const field = choice.closest("form").elements[choice.dataset.fill];
      field.value = choice.dataset.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const first = form.querySelector("[data-order=stop]");
    if (first) { event.preventDefault(); stop(first.dataset.lane); }
    else if (form.dataset.api) {
      event.preventDefault();
      // Enter in the reason's field of an order only goes on to what is held.
      if (form.closest("#confirm")) sheet.querySelector("[data-hold]").focus();
      else if (!event.submitter || !event.submitter.hasAttribute("data-hold")) submit(form, event.submitter);
    }
  });
  document.addEventListener("held", (event) => {
    if (event.target.closest("#confirm")) order();
    else submit(event.target.closest("form"), event.target);
  });
  if (!sheet) return;
  sheet.querySelector("[data-cancel]").addEventListener("click", leave);
  sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
}

// The live parts of the console: state by server-sent events, pictures by polling, orders confirmed.
"use strict";
let catalogue = {};
let heard = Date.now();
const translate = (key) => catalogue[key] ?? key;

// Configured names of authorities, then the language's, then the code.
const names = JSON.parse(document.body.dataset.authorities || "{}");
const authority = (code) => names[code] ?? catalogue["authority_" + code] ?? code;

function pill(text, kind) {
  const at = document.createElement("span");
  at.className = `pill ${kind}`;
  at.textContent = text;
  return at;
}

// Goods, priority, a state that is not simply active, and what stands between the vehicle and the arm.
function declared(at, found) {
  const parts = [];
  if (found) {
    if (found.state !== "active") parts.push(pill(translate("assignment_" + found.state), found.state));
    if (found.priority) parts.push(pill(`${translate("priority")} ${found.priority}`, "urgent"));
    if (found.goods) parts.push(pill(`${translate("goods")}: ${found.goods}`, "goods"));
    for (const c of found.clearances)
      if (c.state === "refused" || (c.needed && c.state !== "done")) parts.push(pill(`${authority(c.authority)}: ${translate("clearance_" + c.state)}`, c.state));
    if (found.clearances.every((c) => c.state !== "refused" && (!c.needed || c.state === "done"))) parts.push(pill(translate("all_cleared"), "done"));
  }
  at.replaceChildren(...parts);
}

function sign(li, value) {
  li.className = value === null ? "unknown" : value ? "on" : "";
}

function showLane(card, lane) {
  const put = (name, text) => { const at = card.querySelector(`[data-${name}]`); if (at) at.textContent = text; return at; };
  const barrier = lane.barrier;
  const plate = put("plate", [lane.plate_display || "—", ...lane.trailers].join(" + "));
  if (plate) plate.className = `plate ${lane.plate_display ? lane.colour : ""}`;
  const verdict = put("verdict", lane.verdict ? `${translate("verdict_" + lane.verdict)}: ${translate("reason_" + lane.reason)}` : "");
  if (verdict) verdict.className = `verdict ${lane.verdict}`;
  const shown = card.querySelector("[data-declared]");
  if (shown) declared(shown, lane.declared);
  put("state", translate("state_" + lane.state));
  put("arm", translate("arm_" + barrier.arm));
  const modes = [barrier.locked && translate("locked"), barrier.held_open && translate("held_open"), !barrier.in_service && translate("arm_out_of_service")].filter(Boolean);
  put("mode", modes.join(", ") || translate("automatic"));
  put("age", barrier.age_s === null ? "—" : `${Math.round(barrier.age_s * 1000)} ms`);
  put("travel", barrier.travel_open_s ? `${barrier.travel_open_s.toFixed(1)} s / ${(barrier.travel_close_s ?? 0).toFixed(1)} s` : "—");
  put("errors", barrier.error_rate === null ? "—" : `${(100 * barrier.error_rate).toFixed(1)} %`);
  const light = card.querySelector("[data-light]");
  if (light) light.className = `light ${barrier.light}`;
  const fault = put("fault", Object.keys(barrier.alarms).map((code) => translate("alarm_" + code)).join(" · "));
  if (fault) fault.hidden = !fault.textContent;
  put("camera-why", lane.camera.state === "live" ? "" : `${translate("camera_" + lane.camera.state)} ${lane.camera.why}`);
  for (const li of card.querySelectorAll("[data-sign]")) sign(li, barrier[li.dataset.sign]);
}

function show(view) {
  heard = Date.now();
  document.getElementById("lost").hidden = true;
  for (const lane of view.lanes)
    for (const card of document.querySelectorAll(`[data-lane-card="${lane.lane}"]`)) showLane(card, lane);
  const counts = { "/exceptions": view.lanes.filter((l) => l.waiting).length, "/alarms": view.alarms.length };
  for (const [path, n] of Object.entries(counts))
    for (const at of document.querySelectorAll(`[data-count="${path}"]`)) at.textContent = n || "";
  document.title = document.title.replace(/^(\(\d+\) )?/, counts["/exceptions"] ? `(${counts["/exceptions"]}) ` : "");
  const waiting = view.lanes.filter((l) => l.waiting).map((l) => l.passage + l.reason + l.version).join();
  if (location.pathname === "/exceptions" && show.waiting !== undefined && show.waiting !== waiting && !document.querySelector("input:focus")) location.reload();
  show.waiting = waiting;
}

async function picture(img) {
  try {
    const answer = await fetch(`/picture/${img.dataset.picture}`, { cache: "no-store" });
    if (answer.ok) {
      const url = URL.createObjectURL(await answer.blob());
      img.onload = () => URL.revokeObjectURL(url);
      img.src = url;
    }
  } catch { /* the banner tells */ }
  setTimeout(() => picture(img), document.hidden ? 3000 : 350);
}

const dialog = document.getElementById("confirm");
for (const button of document.querySelectorAll("[data-order][data-back]"))
  button.addEventListener("click", () => {
    const form = dialog.querySelector("form");
    form.elements.lane.value = button.dataset.lane;
    form.elements.action.value = button.dataset.order;
    form.elements.back.value = button.dataset.back;
    form.elements.reason.value = "";
    document.getElementById("confirm-what").textContent = `${button.textContent} · ${button.dataset.lane}`;
    dialog.showModal();
  });
if (dialog) {
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
}

// One touch instead of typing: a choice fills the field of its form.
for (const choice of document.querySelectorAll("[data-fill]"))
  choice.addEventListener("click", () => { choice.closest("form").elements[choice.dataset.fill].value = choice.dataset.value; });

// A stop leaves the page where it is: it goes over a connection that the page has, and where that
// breaks it is sent again. Stopping twice stops.
const STOP_FOR_MS = 15000;
const STOP_ANSWER_MS = 6000;
const STOP_AGAIN_MS = 200;

async function stop(form) {
  const lane = form.elements.lane.value;
  const at = document.getElementById("stopped");
  const say = (kind, key, more = "") => {
    at.className = `banner ${kind}`;
    at.textContent = `${translate(key)} ${lane} ${more}`;
    at.hidden = false;
  };
  const until = Date.now() + STOP_FOR_MS;
  let why = "";
  say("", "stop_trying");
  while (Date.now() < until) {
    try {
      const answer = await fetch("/api/order", {
        method: "POST",
        cache: "no-store",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf.value },
        body: JSON.stringify({ lane, action: "stop" }),
        signal: AbortSignal.timeout(STOP_ANSWER_MS),
      });
      if (answer.ok) return say("good", "stop_done");
      if (answer.status === 401) return location.assign("/sign-in");
      const told = await answer.json().catch(() => ({}));
      const error = told.says ?? told.error ?? "";
      // The barrier's own answer, and a page that may order nothing: to be read, not tried again.
      if (answer.status < 429) return say("bad", "stop_failed", error);
      why = error;
    } catch { /* the connection broke; once more */ }
    say("bad", "stop_again");
    await new Promise((done) => setTimeout(done, STOP_AGAIN_MS));
  }
  say("bad", "stop_failed", why);
}

for (const form of document.querySelectorAll("form[action='/order']"))
  if (form.querySelector("[data-order=stop]"))
    form.addEventListener("submit", (event) => { event.preventDefault(); stop(form); });

const RETRY_MS = 3000;

// A browser tries a stream again that broke off, but never one that was refused.
function watch() {
  const live = new EventSource("/live");
  live.onmessage = (message) => show(JSON.parse(message.data));
  live.addEventListener("over", () => { live.close(); location.assign("/sign-in"); });
  live.onerror = () => { if (live.readyState === EventSource.CLOSED) setTimeout(watch, RETRY_MS); };
}

// Whose page this is, again and again: after a restart, or when somebody else has signed in, it may
// order nothing. It also keeps a connection open (the server ends idle ones), so that a
// stop needs no new one.
async function stay() {
  const csrf = document.querySelector("[name=csrf]").value;
  try {
    const answer = await fetch("/api/session", { cache: "no-store" });
    if (answer.status === 401) { location.assign("/sign-in"); return; }
    if (answer.ok && (await answer.json()).csrf !== csrf) { location.reload(); return; }
  } catch { /* the banner tells */ }
  setTimeout(stay, RETRY_MS);
}

async function begin() {
  catalogue = await (await fetch(`/static/catalogue-${document.documentElement.lang}.json`)).json();
  watch();
  stay();
  for (const img of document.querySelectorAll("[data-picture]")) picture(img);
  setInterval(() => { if (Date.now() - heard > 5000) document.getElementById("lost").hidden = false; }, 1000);
}
begin();

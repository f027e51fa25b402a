// A lane as it is now, on every card of it.
import { authority, colon, known, number, translate } from "./text.js";

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
    if (found.goods) parts.push(pill(`${translate("goods")}${colon()}${found.goods}`, "goods"));
    for (const c of found.clearances)
      if (c.state === "refused" || (c.needed && c.state !== "done")) parts.push(pill(`${authority(c.authority)}${colon()}${translate("clearance_" + c.state)}`, c.state));
    if (found.clearances.every((c) => c.state !== "refused" && (!c.needed || c.state === "done"))) parts.push(pill(translate("all_cleared"), "done"));
  }
  const told = JSON.stringify(parts.map((part) => [part.className, part.textContent]));
  if (at.told !== told) at.replaceChildren(...parts);
  at.told = told;
}

const put = (at, text) => { if (at && at.textContent !== text) at.textContent = text; };

const seen = new Map();

// The lane as it was last shown: an order is for the vehicle that its page showed.
export const lastSeen = (lane) => seen.get(lane);

const ARM_ANGLE = { closed: 0, opening: -40, open: -78, closing: -40, stopped: -25, unknown: -12, fault: -12, out_of_service: -12 };
const UP = new Set(["open", "opening"]);

// Who may not pass, and the arm is up all the same.
export const isLoud = (lane) => UP.has(lane.barrier.arm) && lane.state === "waiting" && !lane.barrier.held_open;

function chips(at, lane) {
  const barrier = lane.barrier;
  const told = [
    lane.mode !== "automatic" && ["mode_" + lane.mode, lane.mode === "closed" ? "halt" : "wait"],
    barrier.locked && ["locked", "wait"],
    barrier.held_open && ["held_open", "wait"],
    !barrier.in_service && ["arm_out_of_service", "halt"],
    !barrier.wire_ok && ["status_barrier_lost", "halt"],
    lane.camera.state !== "live" && ["camera_" + lane.camera.state, "halt"],
  ].filter(Boolean).map(([text, kind]) => [translate(text), kind]);
  if (lane.queue) told.push([`${lane.queue} ${translate("queue_of")}`, ""]);
  const key = JSON.stringify(told);
  if (at.told === key) return;
  at.told = key;
  at.replaceChildren(...told.map(([text, kind]) => pill(text, kind)));
}

// The row of the decision's table that spoke (docs/lane.md numbers them), and the policy's rule for it.
const rows = JSON.parse(document.querySelector("[data-rows]")?.dataset.rows || "{}");

function row(lane) {
  const number = lane.verdict && rows[lane.row];
  if (!number) return "";
  const name = lane.row === lane.reason ? "" : ` (${translate("reason_" + lane.row)})`;
  const rule = lane.rule ? ` · ${translate("policy")}${colon()}${lane.rule}` : "";
  return `${translate("decision_row")}${colon()}${number}${name}${rule}`;
}

export function showLane(card, lane) {
  seen.set(lane.lane, lane);
  const find = (name) => card.querySelector(`[data-${name}]`);
  const barrier = lane.barrier;
  const plate = find("plate");
  put(plate, [lane.plate_display || "—", ...lane.trailers].join(" + "));
  if (plate) plate.className = `plate ${lane.plate_display ? lane.colour : ""}`;
  const verdict = find("verdict");
  put(verdict, lane.verdict ? `${translate("verdict_" + lane.verdict)}${colon()}${translate("reason_" + lane.reason)}` : "");
  if (verdict) verdict.className = `verdict ${lane.verdict}`;
  const advice = lane.verdict && lane.verdict !== "allow" ? known("do_" + lane.reason) : "";
  put(find("advice"), advice ? `${translate("what_to_do")}${colon()}${advice}` : "");
  put(find("row"), row(lane));
  const shown = find("declared");
  if (shown) declared(shown, lane.declared);
  put(find("state"), translate("state_" + lane.state));
  put(find("arm"), translate("arm_" + barrier.arm));
  put(find("lane-mode"), translate("mode_" + lane.mode));
  const drawn = find("arm-drawn");
  if (drawn) {
    drawn.setAttribute("transform", `rotate(${ARM_ANGLE[barrier.arm] ?? -12} 16 56)`);
    drawn.closest("svg").setAttribute("class", `arm ${barrier.arm}`);
  }
  const all = find("modes");
  if (all) chips(all, lane);
  put(find("driver-sign"), lane.sign);
  const loud = find("loud");
  if (loud) {
    loud.hidden = !isLoud(lane);
    put(loud, loud.hidden ? "" : translate("loud_open"));
    card.classList.toggle("is-loud", !loud.hidden);
  }
  const modes = [barrier.locked && translate("locked"), barrier.held_open && translate("held_open"), !barrier.in_service && translate("arm_out_of_service")].filter(Boolean);
  put(find("mode"), modes.join(", ") || "—");
  put(find("age"), barrier.age_s === null ? "—" : `${number(barrier.age_s * 1000)} ms`);
  put(find("travel"), barrier.travel_open_s ? `${number(barrier.travel_open_s, 1)} s / ${number(barrier.travel_close_s ?? 0, 1)} s` : "—");
  put(find("errors"), barrier.error_rate === null ? "—" : `${number(100 * barrier.error_rate, 1)} %`);
  const light = find("light");
  if (light) {
    light.className = `light ${barrier.light}`;
    light.setAttribute("aria-label", translate("light_" + barrier.light));
  }
  const fault = find("fault");
  put(fault, Object.keys(barrier.alarms).map((code) => translate("alarm_" + code)).join(" · "));
  if (fault) fault.hidden = !fault.textContent;
  put(find("camera-why"), lane.camera.state === "live" ? "" : translate("camera_" + lane.camera.state));
  const img = find("picture");
  if (img) img.cameraLive = lane.camera.state === "live";
  for (const li of card.querySelectorAll("[data-sign]")) {
    const value = barrier[li.dataset.sign];
    // One that was never read is not wired.
    if (value !== null) li.hidden = false;
    li.className = value === null ? "unknown" : value ? "on" : "";
  }
}

// A lane as it is now, on every card of it.
import { authority, number, translate } from "./text.js";

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
  const told = JSON.stringify(parts.map((part) => [part.className, part.textContent]));
  if (at.told !== told) at.replaceChildren(...parts);
  at.told = told;
}

const put = (at, text) => { if (at && at.textContent !== text) at.textContent = text; };

export function showLane(card, lane) {
  const find = (name) => card.querySelector(`[data-${name}]`);
  const barrier = lane.barrier;
  const plate = find("plate");
  put(plate, [lane.plate_display || "—", ...lane.trailers].join(" + "));
  if (plate) plate.className = `plate ${lane.plate_display ? lane.colour : ""}`;
  const verdict = find("verdict");
  put(verdict, lane.verdict ? `${translate("verdict_" + lane.verdict)}: ${translate("reason_" + lane.reason)}` : "");
  if (verdict) verdict.className = `verdict ${lane.verdict}`;
  const shown = find("declared");
  if (shown) declared(shown, lane.declared);
  put(find("state"), translate("state_" + lane.state));
  put(find("arm"), translate("arm_" + barrier.arm));
  const modes = [barrier.locked && translate("locked"), barrier.held_open && translate("held_open"), !barrier.in_service && translate("arm_out_of_service")].filter(Boolean);
  put(find("mode"), modes.join(", ") || translate("automatic"));
  put(find("age"), barrier.age_s === null ? "—" : `${number(barrier.age_s * 1000)} ms`);
  put(find("travel"), barrier.travel_open_s ? `${number(barrier.travel_open_s, 1)} s / ${number(barrier.travel_close_s ?? 0, 1)} s` : "—");
  put(find("errors"), barrier.error_rate === null ? "—" : `${number(100 * barrier.error_rate, 1)} %`);
  const light = find("light");
  if (light) light.className = `light ${barrier.light}`;
  const fault = find("fault");
  put(fault, Object.keys(barrier.alarms).map((code) => translate("alarm_" + code)).join(" · "));
  if (fault) fault.hidden = !fault.textContent;
  put(find("camera-why"), lane.camera.state === "live" ? "" : translate("camera_" + lane.camera.state));
  const img = find("picture");
  if (img) img.cameraLive = lane.camera.state === "live";
  for (const li of card.querySelectorAll("[data-sign]")) {
    const value = barrier[li.dataset.sign];
    li.className = value === null ? "unknown" : value ? "on" : "";
  }
}

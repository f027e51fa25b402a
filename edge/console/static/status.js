// How the gate itself is, in one line for everybody: grey is normal, what is coloured is not.
import { colon, number, translate } from "./text.js";

const DISK_LOW_MB = 1000;
const line = document.getElementById("status");
let told = "";

function items(view) {
  const found = view.links.map((link) => [
    translate("link_" + link.name),
    link.connected ? (link.waiting ? `${number(link.waiting)} ${translate("waiting")}` : translate("status_ok")) : translate("down"),
    link.connected && !link.set_aside ? "" : "bad",
  ]);
  const cameras = view.lanes.filter((lane) => lane.camera.state !== "live");
  found.push([translate("status_camera"), cameras.length ? cameras.map((lane) => lane.name).join(", ") : translate("status_ok"), cameras.length ? "bad" : ""]);
  const boards = view.lanes.filter((lane) => !lane.barrier.wire_ok);
  found.push([translate("status_barrier"), boards.length ? boards.map((lane) => lane.name).join(", ") : translate("status_ok"), boards.length ? "bad" : ""]);
  const free = view.journal.disk_free_mb;
  if (free !== undefined) found.push([translate("status_disk"), `${number(free / 1000, 1)} GB`, free < DISK_LOW_MB ? "bad" : ""]);
  const stuck = view.journal.fault || view.journal.waiting_commits;
  found.push([translate("status_journal"), translate(stuck ? "alarm_journal_stuck" : "status_ok"), stuck ? "bad" : ""]);
  found.push([translate("status_clock"), translate(view.clock_trusted ? "status_ok" : "clock_untrusted"), view.clock_trusted ? "" : "bad"]);
  return found;
}

export function tell(view) {
  const now = items(view);
  const key = JSON.stringify(now);
  if (key === told) return;
  told = key;
  line.replaceChildren(...now.map(([name, state, kind]) => {
    const at = document.createElement("span");
    at.className = kind;
    at.textContent = `${name}${colon()}${state}`;
    return at;
  }));
}

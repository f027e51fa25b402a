// The live page: a stream of how things stand, and what is done by hand.
import { ask } from "./asking.js";
import { begin as beginFaults, reword as rewordFaults, show as showFaults } from "./faults.js";
import { build as buildLane, show as showLane } from "./lane.js";
import { begin as beginSending, reword as rewordSending } from "./sending.js";
import { show as showWires } from "./wires.js";
import { known, speak, timeOfDay, translate } from "./words.js";

const STALE_MS = 3000;
const DEAD_MS = 8000;
const KEPT_THEME = "gate-sim-theme";
const lost = document.getElementById("lost");
const service = document.getElementById("service");
let heardAt = Date.now();
let newest = null;
let source = null;
let openedAt = 0;

function show(view) {
  newest = view;
  document.getElementById("clock").textContent = timeOfDay(view.at);
  service.hidden = view.service === null;
  service.textContent = translate(view.service ? "sim_service_runs" : "sim_service_gone");
  service.classList.toggle("bad", view.service === false);
  for (const lane of view.lanes) showLane(lane, view);
  showWires(view.wires);
  showFaults(view.faults);
}

function theme(which) {
  document.documentElement.dataset.theme = which;
  localStorage.setItem(KEPT_THEME, which);
}

function listen() {
  source?.close();
  openedAt = Date.now();
  source = new EventSource("/live");
  source.onmessage = (message) => {
    heardAt = Date.now();
    lost.hidden = true;
    show(JSON.parse(message.data));
  };
}

// A browser tries a stream again that broke off, but never one that hangs or was refused.
setInterval(() => {
  if (source && Date.now() - Math.max(heardAt, openedAt) > DEAD_MS) listen();
  lost.hidden = Date.now() - heardAt < STALE_MS;
  lost.textContent = translate("sim_lost");
}, 500);

async function begin() {
  theme(localStorage.getItem(KEPT_THEME) ?? (matchMedia("(prefers-color-scheme: light)").matches ? "day" : "night"));
  document.getElementById("theme").onclick = () => theme(document.documentElement.dataset.theme === "day" ? "night" : "day");
  await speak();
  const fixed = await ask("GET", "/fixed");
  document.getElementById("scenario").textContent = fixed.scenario;
  const about = () => { document.getElementById("about").textContent = known(`sim_about_${fixed.scenario}`) ?? fixed.about; };
  about();
  for (const lane of fixed.lanes) buildLane(lane, fixed.places);
  beginSending(fixed);
  beginFaults(fixed);
  for (const button of document.querySelectorAll("[data-language]"))
    button.onclick = async () => {
      await speak(button.dataset.language);
      about();
      rewordSending();
      rewordFaults();
      if (newest) show(newest);
    };
  listen();
  document.documentElement.dataset.ready = "";
}

begin();

// Three sounds for what needs a person, and a mute that is always shown: a vehicle that waits, an alarm
// that must be seen to at once, and a vehicle that may not pass before an arm that is up.
import { elapsed } from "./elapsed.js";
import { isLoud } from "./lanes.js";
import { translate } from "./text.js";

const KINDS = {
  loud: { every: 1500, tones: [[880, 0.15], [880, 0.15], [880, 0.15]] },
  alarm: { every: 5000, tones: [[740, 0.2], [520, 0.3]] },
  waiting: { every: 12000, tones: [[520, 0.15], [660, 0.25]] },
};
const GAP_S = 0.08;
const VOLUME = 0.25;
const button = document.getElementById("mute");
let context = null;
let muted = localStorage.getItem("gate.muted") === "1";
let playedAt = {};

function play(kind) {
  const { every, tones } = KINDS[kind];
  if (elapsed() - (playedAt[kind] ?? -Infinity) < every) return;
  playedAt[kind] = elapsed();
  button.dataset.last = kind;
  if (context?.state !== "running") return;
  let at = context.currentTime;
  for (const [hertz, seconds] of tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.value = VOLUME;
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + GAP_S;
  }
}

function tell() {
  const ready = context?.state === "running";
  button.textContent = translate(muted ? "sound_off" : ready ? "sound_on" : "sound_touch");
  button.classList.toggle("muted", muted || !ready);
  button.setAttribute("aria-pressed", String(muted));
}

// A browser makes a sound only after a touch.
async function wake() {
  context ??= new AudioContext();
  if (context.state !== "running") await context.resume();
  tell();
}

export function toggle() {
  muted = !muted;
  localStorage.setItem("gate.muted", muted ? "1" : "0");
  tell();
}

export function listen(view) {
  tell();
  if (muted || button.hidden) return;
  const shelved = new Set(view.shelved.map((one) => one.join()));
  const alarm = view.alarms.some((a) => a.severity === "high" && !a.acknowledged_by && !shelved.has([a.code, a.lane].join()));
  // The loudest alone: two at once tell nothing.
  if (view.lanes.some(isLoud)) play("loud");
  else if (alarm) play("alarm");
  else if (view.lanes.some((lane) => lane.waiting)) play("waiting");
}

export function begin() {
  button.hidden = document.body.dataset.role === "viewer";
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => wake().catch(() => {}), { once: true });
  button.addEventListener("click", () => (context?.state === "running" ? toggle() : wake()));
}

// Pictures by polling; each with its age as soon as it is no longer of now. Few at once: whatever
// hangs, a stop finds a connection.
import { elapsed } from "./elapsed.js";
import { isStale } from "./live.js";
import { isLast, isTold } from "./tabs.js";
import { ago, translate } from "./text.js";

const EVERY_MS = 350;
const HIDDEN_MS = 3000;
const OLD_MS = 3000;
const AT_ONCE = 2;
let asked = 0;

async function next(img) {
  if (!isTold() || asked >= (isLast() ? AT_ONCE : 1)) { setTimeout(() => next(img), EVERY_MS / 5); return; }
  asked += 1;
  try {
    const headers = img.tag ? { "If-None-Match": img.tag } : {};
    const answer = await fetch(`/picture/${img.dataset.picture}`, { cache: "no-store", headers, priority: "low", signal: AbortSignal.timeout(5000) });
    if (answer.status === 200) {
      img.tag = answer.headers.get("ETag");
      const url = URL.createObjectURL(await answer.blob());
      img.onload = img.onerror = () => URL.revokeObjectURL(url);
      img.src = url;
      img.changedAt = elapsed();
    }
    // A camera that works may see the same twice; one that does not shows its last for ever.
    if (answer.status === 304 && img.cameraLive) img.changedAt = elapsed();
  } catch { /* its age tells */ }
  asked -= 1;
  setTimeout(() => next(img), document.hidden ? HIDDEN_MS : EVERY_MS);
}

function tell(img) {
  const frame = img.parentElement;
  const age = elapsed() - (img.changedAt ?? 0);
  const old = img.changedAt !== undefined && (age > OLD_MS || isStale());
  frame.classList.toggle("old", old);
  const at = frame.querySelector("[data-picture-age]");
  if (at) at.textContent = old ? `${translate("picture_of")} ${ago(age)}` : "";
}

export function begin() {
  const all = document.querySelectorAll("[data-picture]");
  for (const img of all) next(img);
  if (all.length) setInterval(() => { for (const img of all) tell(img); }, 500);
}

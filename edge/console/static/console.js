// The live parts of the console.
import { begin as beginActs } from "./acts.js";
import { elapsed } from "./elapsed.js";
import { begin as beginExceptions, show as showExceptions } from "./exceptions.js";
import { begin as beginKeys } from "./keys.js";
import { showLane } from "./lanes.js";
import { watch } from "./live.js";
import { refresh } from "./parts.js";
import { begin as beginPictures } from "./pictures.js";
import { begin as beginSession } from "./session.js";
import { begin as beginSounds, listen } from "./sounds.js";
import { tell as tellStatus } from "./status.js";
import { loadTexts } from "./text.js";

const REFRESH_MS = 3000;
const WORDS_FOR_MS = 2000;
let shown = "";
let refreshedAt = -Infinity;

// Lists that the server writes follow when there is something new in them.
function follow(view) {
  const now = JSON.stringify([view.journal.last_sequence, view.alarms.map((a) => [a.code, a.lane, a.acknowledged_by]), view.shelved, view.links.map((l) => [l.connected, l.set_aside])]);
  if (now === shown || elapsed() - refreshedAt < REFRESH_MS) return;
  // Also at first: what came while the page did stands in no list of it.
  shown = now;
  refreshedAt = elapsed();
  refresh().catch(() => { shown = "again"; });
}

function unseen(view) {
  const shelved = new Set(view.shelved.map((one) => one.join()));
  return view.alarms.filter((a) => !a.acknowledged_by && !shelved.has([a.code, a.lane].join()));
}

function show(view) {
  for (const lane of view.lanes)
    for (const card of document.querySelectorAll(`[data-lane-card="${lane.lane}"]`)) showLane(card, lane);
  const counts = { "/exceptions": view.lanes.filter((l) => l.waiting).length, "/alarms": unseen(view).length };
  for (const [path, n] of Object.entries(counts))
    for (const at of document.querySelectorAll(`[data-count="${path}"]`)) at.textContent = n || "";
  document.title = document.title.replace(/^(\(\d+\) )?/, counts["/exceptions"] ? `(${counts["/exceptions"]}) ` : "");
  tellStatus(view);
  listen(view);
  showExceptions(view);
  follow(view);
}

async function begin() {
  if ("tooOld" in document.documentElement.dataset) return;
  // Orders work also where the texts do not come.
  beginActs();
  beginSession();
  beginExceptions();
  beginKeys();
  beginPictures();
  beginSounds();
  // From now on what is touched is heard; until then it cannot be touched (console.css).
  document.documentElement.dataset.ready = "";
  // The state waits a moment for its words, and no longer.
  await Promise.race([loadTexts(), new Promise((done) => setTimeout(done, WORDS_FOR_MS))]);
  watch(show);
}
document.addEventListener("acted", () => { refresh().catch(() => {}); });
begin();

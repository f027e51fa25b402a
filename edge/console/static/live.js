// The gate's state as a stream that is taken up again whatever happened to it, and how old it is.
import { elapsed } from "./elapsed.js";
import { signInAgain } from "./session.js";
import { begin as beginTabs, isTold } from "./tabs.js";
import { ago, timeOfDay, translate } from "./text.js";

const RETRY_MS = 2000;
const STALE_MS = 3000;
const DEAD_MS = 8000;
const lost = document.getElementById("lost");
let heardAt = elapsed();
let openedAt = 0;
let source = null;

export const age = () => elapsed() - heardAt;
export const isStale = () => age() > STALE_MS;

function open(show) {
  source?.close();
  openedAt = elapsed();
  source = new EventSource("/live");
  source.onmessage = (message) => {
    heardAt = elapsed();
    stale();
    show(JSON.parse(message.data));
  };
  source.addEventListener("over", () => { source.close(); signInAgain(); });
}

// A browser tries a stream again that broke off, but never one that was refused, nor one whose other
// end is gone without a word.
function look(show) {
  stale();
  if (!isTold()) return;
  const since = elapsed() - openedAt;
  const refused = source.readyState === EventSource.CLOSED && since > RETRY_MS;
  if (refused || (age() > DEAD_MS && since > DEAD_MS)) open(show);
}

function stale() {
  const is = isStale();
  document.body.classList.toggle("stale", is);
  lost.hidden = !is;
  if (is) lost.textContent = `${translate("stale_since")} ${timeOfDay(Date.now() - age())} (${ago(age())}). ${translate(isTold() ? "stale_what" : "stale_tab")}`;
}

export function watch(show) {
  beginTabs(() => { if (isTold()) open(show); else source?.close(); });
  if (isTold()) open(show);
  setInterval(() => look(show), 500);
  // After the password the stream is had at once.
  document.addEventListener("signed-in", () => open(show));
}

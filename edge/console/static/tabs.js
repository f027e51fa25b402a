// A browser has six connections for one address, for all its tabs together, and a stream keeps one:
// only the tabs touched last are told, so that a stop of any of them finds a connection.
const MOST_TOLD = 2;
const others = "BroadcastChannel" in window ? new BroadcastChannel("gate") : null;
const me = `${Date.now()} ${Math.random()}`;
const newer = new Set();

export const isTold = () => newer.size < MOST_TOLD;
export const isLast = () => newer.size === 0;

// `changed` is called where this tab is told from now on, or no longer.
export function begin(changed) {
  const touched = () => {
    const before = isTold();
    newer.clear();
    others?.postMessage(me);
    if (!before) changed();
  };
  others?.addEventListener("message", ({ data }) => {
    const before = isTold();
    newer.add(data);
    if (before && !isTold()) changed();
  });
  for (const name of ["focus", "pointerdown", "keydown"]) window.addEventListener(name, touched, true);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) touched(); });
  // One that was opened behind another takes nothing from it.
  if (document.hidden) newer.add("the one in front").add("and its neighbour");
  else touched();
}

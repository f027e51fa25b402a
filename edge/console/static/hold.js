// Acts that move an arm or let somebody pass are held, with finger, mouse or key: a touch by mistake,
// or a page that moved under the finger, does nothing. `held` is sent to the button when it is done.
const HOLD_MS = 800;
const SETTLED_MS = 600;
let movedAt = -Infinity;
let holding = null;

// What is under the finger has just changed: nothing is taken for a moment.
export function moved() {
  movedAt = performance.now();
  release();
}

export function release() {
  if (!holding) return;
  clearTimeout(holding.timer);
  holding.button.classList.remove("holding");
  holding = null;
}

export function press(button) {
  release();
  if (performance.now() - movedAt < SETTLED_MS) return;
  button.classList.add("holding");
  holding = { button, timer: setTimeout(() => { release(); button.dispatchEvent(new CustomEvent("held", { bubbles: true })); }, HOLD_MS) };
}

const holdable = (event) => event.target.closest?.("[data-hold]");
const isKey = (event) => event.key === "Enter" || event.key === " ";

document.addEventListener("pointerdown", (event) => { const at = holdable(event); if (at && event.button === 0) press(at); });
for (const name of ["pointerup", "pointercancel", "blur"]) window.addEventListener(name, release);
document.addEventListener("pointerout", (event) => { if (holding && holdable(event) === holding.button && !holding.button.contains(event.relatedTarget)) release(); });
document.addEventListener("keydown", (event) => {
  const at = isKey(event) && holdable(event);
  if (!at) return;
  event.preventDefault();
  if (!event.repeat) press(at);
});
document.addEventListener("keyup", (event) => { if (isKey(event)) release(); });
document.addEventListener("click", (event) => { if (holdable(event)) event.preventDefault(); }, true);
document.addEventListener("contextmenu", (event) => { if (holdable(event)) event.preventDefault(); });

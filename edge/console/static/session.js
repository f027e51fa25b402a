// Whose page this is. Who is signed out, or was away for long, signs in over the page: what was typed
// stays. Only another person gets another page.
import { elapsed } from "./elapsed.js";
import { translate } from "./text.js";

const ASK_MS = 3000;
const TOUCHED_MS = 60000;
const dialog = document.getElementById("again");
const main = document.querySelector("main");
let touchedAt = -Infinity;

export function signInAgain() {
  if (dialog.open) return;
  dialog.before = document.activeElement;
  main.inert = true;
  dialog.show();
  dialog.querySelector("[type=password]").focus();
}

function take(found) {
  document.querySelector("meta[name=csrf]").content = found.csrf;
  for (const at of document.querySelectorAll("[name=csrf]")) at.value = found.csrf;
}

// After a sign-in in another tab this page's token is of a session before. True where it has another
// one by now; a stop is given whoever is signed in, all else by whose page it is.
export async function renewed(whoever = false) {
  const before = document.querySelector("meta[name=csrf]").content;
  try {
    const answer = await fetch("/api/session", { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) });
    if (!answer.ok) return false;
    const found = await answer.json();
    if (!whoever && found.user !== document.body.dataset.user) return false;
    take(found);
    return found.csrf !== before;
  } catch { return false; }
}

function signedIn(found) {
  if (found.user !== document.body.dataset.user || found.role !== document.body.dataset.role) { location.reload(); return; }
  take(found);
  if (!dialog.open || found.idle) return;
  dialog.close();
  dialog.querySelector("[type=password]").value = "";
  dialog.querySelector("[data-why]").hidden = true;
  main.inert = false;
  dialog.before?.focus();
  document.dispatchEvent(new CustomEvent("signed-in"));
}

async function give(event) {
  event.preventDefault();
  const form = event.target;
  const why = dialog.querySelector("[data-why]");
  const told = (text) => { why.textContent = text; why.hidden = false; };
  try {
    const answer = await fetch("/api/session", {
      method: "POST",
      cache: "no-store",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: form.elements.user.value, password: form.elements.password.value }),
    });
    if (answer.ok) return ask();
    const wait = Number(answer.headers.get("Retry-After"));
    told(wait ? translate("sign_in_wait").replace("{seconds}", wait) : translate("wrong_password"));
  } catch {
    told(translate("no_connection"));
  }
}

// Whose page this is, again and again. It also keeps a connection open (the server ends idle ones), so
// that a stop needs no new one.
async function ask() {
  try {
    const answer = await fetch("/api/session", { cache: "no-store", signal: AbortSignal.timeout(ASK_MS * 3) });
    if (answer.status === 401) signInAgain();
    else if (answer.ok) signedIn(await answer.json());
  } catch { /* the banner tells */ }
}

async function stay() {
  await ask();
  setTimeout(stay, ASK_MS);
}

// A person is there: the session does not fall idle under his hands.
function touched() {
  if (elapsed() - touchedAt < TOUCHED_MS) return;
  touchedAt = elapsed();
  const headers = { "X-CSRF-Token": document.querySelector("meta[name=csrf]").content };
  fetch("/active", { method: "POST", headers }).catch(() => { touchedAt = -Infinity; });
}

export function begin() {
  dialog.querySelector("form").addEventListener("submit", give);
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, touched);
  stay();
}

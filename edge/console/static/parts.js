// Parts of a page that are fetched anew as the server writes them, while the rest stays as it is.
const BY_ITSELF = { "X-By-Itself": "1" };
const SETTLED_MS = 600;

export async function fetchPage() {
  const answer = await fetch(location.href, { cache: "no-store", headers: BY_ITSELF, signal: AbortSignal.timeout(10000) });
  if (!answer.ok || answer.redirected) throw new Error("no page");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// What somebody is in is left alone: a field with his word, a record that he has opened.
const FIELD = "input:not([type=hidden]), select, textarea";
const inUse = (part) => document.activeElement?.matches(FIELD) && part.contains(document.activeElement) || part.querySelector("details[open]") || [...part.querySelectorAll("input:not([type=hidden])")].some((at) => at.value !== at.defaultValue);

// One by one where they have keys: what is new is shown, whatever somebody types at another.
function merge(part, now) {
  const mine = new Map([...part.children].map((at) => [at.dataset.key, at]));
  const next = [...now.children].map((fresh) => {
    const old = mine.get(fresh.dataset.key);
    return old && (old.outerHTML === fresh.outerHTML || inUse(old)) ? old : fresh;
  });
  const active = document.activeElement;
  for (const old of mine.values()) if (!next.includes(old)) old.remove();
  let at = part.firstElementChild;
  for (const one of next) {
    if (one === at) at = at.nextElementSibling;
    else part.insertBefore(one, at);
  }
  if (active !== document.activeElement && active.isConnected) active.focus();
}

// Whether what a finger comes down on may have been another one when it set out.
export const hasJustMoved = (at) => performance.now() - (at.closest("[data-part]")?.movedAt ?? -Infinity) < SETTLED_MS;

export async function refresh() {
  const mine = document.querySelectorAll("[data-part]");
  if (!mine.length) return;
  const fresh = await fetchPage();
  for (const part of mine) {
    const now = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!now || now.innerHTML === part.innerHTML) continue;
    if (part.querySelector(":scope > [data-key]")) merge(part, now);
    else if (!inUse(part)) part.replaceChildren(...now.childNodes);
    else continue;
    part.movedAt = performance.now();
  }
}

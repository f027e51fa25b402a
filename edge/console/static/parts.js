// Parts of a page that are fetched anew as the server writes them, while the rest stays as it is.
const BY_ITSELF = { "X-By-Itself": "1" };

export async function fetchPage() {
  const answer = await fetch(location.href, { cache: "no-store", headers: BY_ITSELF, signal: AbortSignal.timeout(10000) });
  if (!answer.ok || answer.redirected) throw new Error("no page");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// What somebody is in is left alone: a field with his word, a record that he has opened.
const FIELD = "input:not([type=hidden]), select, textarea";
const inUse = (part) => document.activeElement?.matches(FIELD) && part.contains(document.activeElement) || part.querySelector("details[open]") || [...part.querySelectorAll("input:not([type=hidden])")].some((at) => at.value !== at.defaultValue);

export async function refresh() {
  const mine = document.querySelectorAll("[data-part]");
  if (!mine.length) return;
  const fresh = await fetchPage();
  for (const part of mine) {
    const now = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (now && !inUse(part) && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
  }
}

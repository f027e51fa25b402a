import { filled, known } from "./words.js";

// What the page asks of the simulator. The answer's body, or an error that says why not.
export async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(reason(told.detail) || `${answer.status}`);
  return told;
}

// A sentence, or the places where a form is wrong, in the page's language where it has the words.
const reason = (detail) => (Array.isArray(detail) ? detail.map(said).join("; ") : detail);

function said({ loc, msg, phrase }) {
  if (phrase && known(phrase.key)) return filled(phrase.key, phrase.params);
  return `${loc.at(-1)}: ${msg}`;
}

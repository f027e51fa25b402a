// What somebody has typed about a vehicle, kept in this tab until the vehicle no longer waits: a switch
// of language or size, the way back and a page loaded anew lose no word of it, and give it to no other.
const FIELDS = ["plate", "reason"];
const key = (card) => `draft ${document.body.dataset.user} ${card.dataset.passage}`;
const fields = (card) => FIELDS.map((name) => card.querySelector(`[name=${name}]`));

export function keep(card) {
  if (!card) return;
  const typed = fields(card).map((at) => (at.value === at.defaultValue ? null : at.value));
  if (typed.every((text) => text === null)) end(card);
  else sessionStorage.setItem(key(card), JSON.stringify(typed));
}

export function restore(card) {
  const typed = JSON.parse(sessionStorage.getItem(key(card)) ?? "[]");
  fields(card).forEach((at, n) => { if (typed[n] != null && at.value === at.defaultValue) at.value = typed[n]; });
}

export function end(card) {
  sessionStorage.removeItem(key(card));
}

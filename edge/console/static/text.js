// What people read: the catalogue of the page's language, and moments in the gate's time.
export const language = document.documentElement.lang;
let catalogue = {};

const WORDS_MS = 10000;
const AGAIN_MS = 500;

// Tried until they are there: a page that kept their codes would be read by nobody.
export async function loadTexts() {
  for (;;) {
    try {
      const answer = await fetch(`/static/catalogue-${language}.json`, { signal: AbortSignal.timeout(WORDS_MS) });
      if (!answer.ok) throw new Error("no texts");
      catalogue = await answer.json();
      return;
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

export const known = (key) => catalogue[key];
export const colon = () => catalogue.colon ?? ": ";
export const translate = (key) => catalogue[key] ?? key;

const json = (name) => JSON.parse(document.body.dataset[name] || "{}");
const authorities = json("authorities");
const lanes = json("lanes");

// Configured names of authorities, then the language's, then the code.
export const authority = (code) => authorities[code] ?? catalogue["authority_" + code] ?? code;
export const laneName = (code) => lanes[code] ?? code;

const decimals = new Map();
export function number(value, digits = 0) {
  if (!decimals.has(digits))
    decimals.set(digits, new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return decimals.get(digits).format(value);
}

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const timeOfDay = (moment) => clock.format(moment);

// How long ago, in the largest unit that says enough.
export function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} ${translate("unit_s")}`;
  return s < 7200 ? `${Math.round(s / 60)} ${translate("unit_min")}` : `${Math.round(s / 3600)} ${translate("unit_h")}`;
}

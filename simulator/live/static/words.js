// What people read: the catalogue of the chosen language.
const KEPT = "gate-sim-language";
const AGAIN_MS = 500;
let words = {};
export let language = "vi";

export const translate = (key) => words[key] ?? key;
export const known = (key) => words[key];
export const filled = (key, values) => translate(key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function wanted() {
  const asked = new URLSearchParams(location.search).get("language");
  const found = asked ?? localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2);
  return ["vi", "en", "zh"].includes(found) ? found : "en";
}

// Tried until they are there: nobody could read a page of codes.
export async function speak(which = wanted()) {
  for (;;) {
    try {
      const answer = await fetch(`/words/${which}.json`);
      if (!answer.ok) throw new Error("no words");
      words = await answer.json();
      break;
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
  language = which;
  localStorage.setItem(KEPT, which);
  document.documentElement.lang = which;
  document.title = translate("sim_title");
  for (const at of document.querySelectorAll("[data-word]")) at.textContent = translate(at.dataset.word);
  for (const at of document.querySelectorAll("[data-language]")) at.classList.toggle("on", at.dataset.language === which);
}

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const timeOfDay = (moment) => clock.format(new Date(moment));

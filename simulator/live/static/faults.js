// Every fault a button: pressed it begins, pressed again it ends.
import { ask } from "./asking.js";
import { known, language, translate } from "./words.js";

const happens = document.getElementById("happens");
const good = document.getElementById("good");
const said = document.getElementById("said");
let faults = [];
let lanes = [];
let chosen = "";
let lasting = [];
const buttons = new Map();

function element(kind, className, into) {
  const at = document.createElement(kind);
  at.className = className;
  into.append(at);
  return at;
}

export function begin(fixed) {
  faults = fixed.faults;
  lanes = fixed.lanes;
  chosen = lanes[0].lane;
  const of = document.getElementById("of-lane");
  for (const lane of lanes) {
    const button = element("button", "", of);
    button.type = "button";
    button.setAttribute("role", "radio");
    button.dataset.lane = lane.lane;
    button.textContent = lane.lane;
    button.onclick = () => choose(lane.lane);
  }
  of.hidden = lanes.length < 2;
  document.getElementById("all-well").onclick = () => ask("DELETE", "/faults").catch(told);
  const groups = document.getElementById("groups");
  const places = new Map();
  for (const fault of faults) {
    if (!places.has(fault.group)) {
      const group = element("div", "group", groups);
      element("h3", "", group).dataset.word = `sim_group_${fault.group}`;
      places.set(fault.group, element("div", "all", group));
    }
    buttons.set(fault.name, one(fault, places.get(fault.group)));
  }
  choose(chosen);
  reword();
}

function one(fault, into) {
  const whole = element("div", fault.takes ? "fault takes" : "fault", into);
  const button = element("button", "", whole);
  button.type = "button";
  button.dataset.fault = fault.name;
  let value = null;
  if (fault.takes?.of) {
    value = element("select", "", whole);
    for (const name of fault.takes.of) element("option", "", value).value = name;
  } else if (fault.takes) {
    value = element("input", "", whole);
    Object.assign(value, { type: "number", step: "any", min: fault.takes.least, max: fault.takes.most });
  }
  if (value) value.value = fault.takes.usual;
  whole.onpointerenter = whole.onfocus = button.onfocus = () => explain(fault);
  button.onclick = () => press(fault, whole, value);
  return { whole, button, value };
}

async function press(fault, whole, value) {
  explain(fault);
  const lane = fault.of_lane ? chosen : "";
  whole.classList.add("busy");
  try {
    if (isOn(fault)) await ask("DELETE", `/faults/${fault.name}?lane=${lane}`);
    else await ask("POST", `/faults/${fault.name}`, { lane, value: value ? (fault.takes.of ? value.value : Number(value.value)) : null });
    said.textContent = "";
  } catch (error) {
    told(error);
  }
  whole.classList.remove("busy");
}

function told(error) {
  said.textContent = error.message;
  said.className = "bad";
}

function explain(fault) {
  happens.removeAttribute("data-word");
  happens.textContent = translate(`fault_${fault.name}`) + (language === "en" ? `: ${fault.happens}` : "");
  good.textContent = `${translate("sim_good")} ${language === "en" ? fault.good : translate(`good_${fault.name}`)}.`;
}

function choose(lane) {
  chosen = lane;
  for (const button of document.querySelectorAll("#of-lane button")) button.setAttribute("aria-checked", button.dataset.lane === lane);
  show(lasting);
}

const isOn = (fault) => lasting.some((one) => one.name === fault.name && (!fault.of_lane || one.lane === chosen));

export function show(now) {
  lasting = now;
  for (const fault of faults) {
    const { whole, button } = buttons.get(fault.name) ?? {};
    if (!whole) continue;
    whole.classList.toggle("on", isOn(fault));
    button.setAttribute("aria-pressed", isOn(fault));
  }
}

export function reword() {
  for (const fault of faults) {
    const { button, value } = buttons.get(fault.name);
    button.textContent = translate(`fault_${fault.name}`);
    if (fault.takes?.of) for (const option of value.options) option.textContent = known(`sim_output_${option.value}`) ?? translate(option.value);
    if (value) value.setAttribute("aria-label", `${translate(`fault_${fault.name}`)}: ${translate("sim_value")}`);
  }
  for (const at of document.querySelectorAll("#groups [data-word]")) at.textContent = translate(at.dataset.word);
  if (!happens.dataset.word) { happens.dataset.word = "sim_pick"; happens.textContent = translate("sim_pick"); good.textContent = ""; }
}

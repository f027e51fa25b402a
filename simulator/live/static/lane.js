// One lane from above, with the truth and what the controller says of it.
import { filled, known, timeOfDay, translate } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const LEFT = -31, RIGHT = 15, HALF = 2.6, TOP = -3.6, HIGH = 7.2;
const PIVOT = -2.75, BOOM = 5.1;
const WIDE = { truck: 2.5, bus: 2.5, car: 1.85, motorcycle: 0.8, pedestrian: 0.6 };
const PICTURE_MS = 500;
const lanes = new Map();

function drawn(kind, attributes, into) {
  const at = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) at.setAttribute(name, value);
  into?.append(at);
  return at;
}

function element(kind, className, into) {
  const at = document.createElement(kind);
  if (className) at.className = className;
  into?.append(at);
  return at;
}

export function build(fixed, places) {
  const card = element("section", "card lane", document.getElementById("lanes"));
  card.dataset.lane = fixed.lane;
  const head = element("div", "row", card);
  const name = element("h2", "", head);
  const sign = element("span", "sign", head);
  const counts = element("span", "counts", head);
  const scene = element("div", "scene", card);
  const svg = drawn("svg", { viewBox: `${LEFT} ${TOP} ${RIGHT - LEFT} ${HIGH}`, preserveAspectRatio: "xMidYMid slice", role: "img" }, scene);
  drawn("rect", { class: "road", x: LEFT - 40, y: -HALF, width: RIGHT - LEFT + 80, height: 2 * HALF }, svg);
  for (const y of [-HALF + 0.2, HALF - 0.2]) drawn("line", { class: "edge", x1: LEFT - 40, x2: RIGHT + 40, y1: y, y2: y }, svg);
  drawn("polygon", { class: "cone", points: `${places.camera},0 ${places.camera - 22},-2.6 ${places.camera - 22},2.6` }, svg);
  drawn("line", { class: "stop", x1: places.stop + 0.2, x2: places.stop + 0.2, y1: -HALF + 0.2, y2: HALF - 0.2 }, svg);
  const inputs = {};
  for (const loop of ["entry_loop", "safety_loop", "exit_loop"]) {
    const [start, end] = places[loop];
    inputs[loop] = drawn("rect", { class: "loop", x: start, y: -1.5, width: end - start, height: 3, rx: 0.3 }, svg);
    drawn("title", {}, inputs[loop]);
  }
  inputs.photocell = drawn("line", { class: "beam", x1: places.photocell, x2: places.photocell, y1: -HALF, y2: HALF }, svg);
  drawn("title", {}, inputs.photocell);
  const vehicles = drawn("g", {}, svg);
  drawn("rect", { class: "post", x: -1.9, y: PIVOT - 0.85, width: 1.1, height: 1.1, rx: 0.2 }, svg);
  const red = drawn("circle", { class: "lamp red", cx: -1.62, cy: PIVOT - 0.3, r: 0.24 }, svg);
  const green = drawn("circle", { class: "lamp green", cx: -1.08, cy: PIVOT - 0.3, r: 0.24 }, svg);
  const boom = ["boom-edge", "boom", "boom-red"].map((kind) => drawn("line", { class: kind, x1: 0, x2: 0, y1: PIVOT, y2: PIVOT + BOOM }, svg));
  drawn("rect", { class: "pivot", x: -0.4, y: PIVOT - 0.75, width: 0.8, height: 0.9, rx: 0.15 }, svg);
  const camera = drawn("circle", { class: "camera", cx: places.camera, cy: 0, r: 0.36 }, svg);
  const eye = element("div", "eye", scene);
  const picture = element("img", "", eye);
  picture.alt = "";
  const seen = element("p", "", eye);
  const sides = element("div", "sides", card);
  const truth = element("div", "truth", sides), belief = element("div", "belief", sides), last = element("div", "last", sides);
  const parts = { fixed, name, sign, counts, svg, inputs, vehicles, red, green, boom, camera, seen, truth, belief, last, there: new Map() };
  lanes.set(fixed.lane, parts);
  follow(picture, seen, fixed.lane);
}

// The newest picture, one question at a time.
function follow(picture, seen, lane) {
  let held = "";
  const next = async () => {
    try {
      const answer = await fetch(`/pictures/${lane}.jpg`);
      if (!answer.ok) throw new Error("no picture");
      const address = URL.createObjectURL(await answer.blob());
      picture.onload = picture.onerror = () => { if (held) URL.revokeObjectURL(held); held = address; };
      picture.src = address;
      seen.hidden = true;
    } catch {
      seen.hidden = false;
      seen.textContent = translate("sim_no_picture");
    }
    setTimeout(next, PICTURE_MS);
  };
  next();
}

export function show(lane, view) {
  const at = lanes.get(lane.lane);
  at.name.textContent = `${at.fixed.title} · ${translate(at.fixed.direction)}`;
  at.sign.textContent = lane.sign;
  counts(at, lane);
  for (const [name, shape] of Object.entries(at.inputs)) {
    shape.classList.toggle("on", lane.inputs[name]);
    shape.firstChild.textContent = translate(name);
  }
  at.red.classList.toggle("on", !lane.green);
  at.green.classList.toggle("on", lane.green);
  const long = lane.torn_off ? 0.5 : Math.max(0.4, BOOM * Math.cos((lane.arm * Math.PI) / 2));
  for (const line of at.boom) line.setAttribute("y2", PIVOT + long);
  const wire = view.wires.find((one) => one.what === "camera" && one.lane === lane.lane);
  at.camera.classList.toggle("bad", !wire.well);
  drive(at, lane.vehicles);
  sides(at, lane);
}

function counts(at, lane) {
  at.counts.replaceChildren();
  const put = (key, value, bad) => {
    const one = element("span", bad ? "bad" : "", at.counts);
    one.append(`${translate(key)} `);
    element("b", bad ? "bad" : "", one).textContent = value;
    at.counts.append("  ");
  };
  put("sim_crossed", lane.crossed);
  put("sim_turned_away", lane.turned_away);
  put("sim_touches", lane.touches, lane.touches > 0);
  put("sim_violations", lane.violations, lane.violations > 0);
}

function drive(at, vehicles) {
  const here = new Set(vehicles.map((v) => v.number));
  for (const [number, shape] of at.there) if (!here.has(number)) { shape.remove(); at.there.delete(number); }
  for (const v of vehicles) {
    let shape = at.there.get(v.number);
    if (!shape) {
      shape = vehicle(v);
      at.vehicles.append(shape);
      at.there.set(v.number, shape);
    }
    shape.style.transform = `translate(${v.front_m}px, ${v.mood === "aside" ? 2.9 : v.around ? 2.2 : 0}px)`;
    shape.classList.toggle("aside", v.mood === "aside");
    shape.classList.toggle("may-not", !v.may_pass);
    shape.lastChild.textContent = `${v.plate || "?"}: ${translate(v.may_pass ? "sim_may" : "sim_may_not")}`;
  }
}

// Its front at 0, to the left of it the rest.
function vehicle(v) {
  const shape = drawn("g", { class: "vehicle" });
  const wide = WIDE[v.kind] ?? 2.5;
  for (const [front, rear, , metal] of v.parts) {
    const low = !metal && v.kind !== "pedestrian";
    const half = low ? 0.25 : wide / 2;
    const body = drawn("rect", { class: low ? "low" : "body", x: -rear, y: -half, width: rear - front, height: 2 * half, rx: 0.35 }, shape);
    if (!low) body.setAttribute("fill", v.paint);
  }
  if (v.kind !== "pedestrian" && v.kind !== "motorcycle") drawn("rect", { class: "glass", x: -1.5, y: -wide / 2 + 0.25, width: 0.8, height: wide - 0.5, rx: 0.2 }, shape);
  if (v.plate) {
    const middle = -Math.min(v.parts.at(-1)[1], 9) / 2 - 0.5, long = v.plate.length * 0.6 + 0.8;
    drawn("rect", { class: `plate ${v.colour}`, x: middle - long / 2, y: -0.62, width: long, height: 1.24, rx: 0.2 }, shape);
    drawn("text", { x: middle, y: 0.04 }, shape).textContent = v.plate;
  }
  drawn("title", {}, shape);
  return shape;
}

const armOf = (position) => (position < 0.02 ? "arm_closed" : position > 0.98 ? "arm_open" : "sim_between");

function sides(at, lane) {
  const first = lane.vehicles.find((v) => v.front_m > -9 && v.front_m < 6 && v.mood !== "aside");
  const b = lane.believed;
  const arm = armOf(lane.arm), says = b ? `arm_${b.arm}` : "";
  const settled = arm !== "sim_between" && b && !["opening", "closing"].includes(b.arm);
  list(at.truth, "sim_truth", [
    ["plate", first ? first.plate || translate("sim_no_plate") : translate("sim_nobody")],
    ["sim_may_pass", first ? translate(first.may_pass ? "sim_yes" : "sim_no") : "–", first && !first.may_pass ? "bad" : ""],
    ["arm", translate(lane.torn_off ? "fault_arm_torn_off" : arm)],
  ]);
  if (!b) {
    list(at.belief, "sim_belief", []);
    element("p", "faint", at.belief).textContent = translate("sim_says_nothing");
  } else
    list(at.belief, "sim_belief", [
      ["plate", b.plate || "–", first && b.plate && b.plate !== first.plate ? "differs" : ""],
      ["lane_state", translate(`state_${b.state}`)],
      ["verdict", b.verdict ? `${translate(`verdict_${b.verdict}`)} · ${translate(`reason_${b.reason}`)}` : "–", b.verdict === "allow" ? "good" : b.verdict === "refuse" ? "bad" : ""],
      ["arm", translate(says), settled && says !== arm ? "differs" : ""],
      ["camera", known(`camera_${b.camera}`) ?? b.camera, b.camera === "live" ? "" : "differs"],
    ]);
  said(at.last, lane);
}

function list(into, title, rows) {
  into.replaceChildren();
  element("h3", "", into).textContent = translate(title);
  const dl = element("dl", "", into);
  for (const [key, value, how] of rows) {
    element("dt", "", dl).textContent = translate(key);
    const dd = element("dd", how ?? "", dl);
    dd.textContent = value;
    dd.title = value;
  }
}

// What the controller said last, and who crossed, newest first.
function said(into, lane) {
  into.replaceChildren();
  element("h3", "", into).textContent = translate("sim_said");
  const ol = element("ol", "", into);
  const all = [...lane.said.map((one) => [one.at, ...telling(one)]), ...lane.last.map((one) => [one.at, ...crossing(one)]), ...lane.guided.map((one) => [one.at, filled("sim_guided", one), "warn"])];
  all.sort((a, b) => (a[0] < b[0] ? 1 : -1));
  for (const [at, text, how] of all.slice(0, 4)) {
    const li = element("li", how, ol);
    element("time", "", li).textContent = timeOfDay(at);
    li.append(` ${text}`);
    li.title = text;
  }
}

function telling(one) {
  const plate = one.plate ? ` ${one.plate}` : "";
  switch (one.kind) {
    case "reading": return [`${translate("sim_read")}${plate}`, ""];
    case "decision": return [`${translate(`verdict_${one.what}`)}: ${translate(`reason_${one.reason}`)}${plate}`, one.what === "allow" ? "good" : one.what === "refuse" ? "bad" : "warn"];
    case "record": return [`${translate("record")}: ${known(`outcome_${one.what}`) ?? one.what}${plate}`, ""];
    case "alarm": return [known(`alarm_${one.what}`) ?? one.what, "bad"];
    case "cleared": return [filled("sim_over", { what: known(`alarm_${one.what}`) ?? one.what }), "good"];
    default: return [known(one.what) ?? one.what, ""];
  }
}

function crossing(one) {
  const who = one.plate || translate("sim_no_plate");
  if (one.admitted_by) return [filled("sim_crossed_admitted", { who }), one.may_pass ? "good" : "bad"];
  return [filled(one.told_by ? "sim_crossed_told" : "sim_crossed_untold", { who }), one.told_by ? "warn" : "bad"];
}

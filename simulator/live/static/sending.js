// A vehicle with a plate of one's choice, declared and driven as one likes.
import { ask } from "./asking.js";
import { filled, translate } from "./words.js";

const DECLARED = {
  cleared: { declared: true },
  none: { declared: false },
  held: { declaration: { state: "held" } },
  cancelled: { declaration: { state: "cancelled" } },
  wrong_lane: { declaration: { lanes: ["elsewhere"] } },
  pending: { declaration: { clearances: { customs: "pending" } } },
};
const DRIVERS = {
  calm: {},
  tailgates: { driver: { follows_m: 1, ignores_light: true } },
  turns_back: { driver: { turns_back_s: 2 } },
  breaks_through: { driver: { breaks_through_s: 4 } },
  stops_under: { driver: { stops_at_m: 1, stops_s: 20 } },
  around: { beside_the_arm: true },
  against: { driver: { against: true } },
};
const form = document.getElementById("vehicle");
const said = document.getElementById("said");
let fixed = null;

export function begin(given) {
  fixed = given;
  reword();
  form.querySelector("fieldset").disabled = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const { lane, vehicle, plate, declared, driver } = Object.fromEntries(new FormData(form));
    const body = { lane, vehicle, ...DECLARED[declared], ...DRIVERS[driver] };
    if (plate.trim()) body.plate = canonical(plate);
    try {
      const sent = await ask("POST", "/vehicles", body);
      said.textContent = filled("sim_comes", { plate: sent.plate || translate("sim_no_plate") });
      said.className = "good";
    } catch (error) {
      said.textContent = error.message;
      said.className = "bad";
    }
  };
}

// As people write plates: 24C-123.45.
const canonical = (plate) => plate.trim().toUpperCase().replace(/[\s.\-]/g, "").replaceAll("Đ", "D");

function options(name, values, word) {
  const select = form.elements[name];
  const before = select.value;
  select.replaceChildren(...values.map((value) => new Option(word(value), value)));
  if (before) select.value = before;
}

export function reword() {
  options("lane", fixed.lanes.map((lane) => lane.lane), (lane) => fixed.lanes.find((one) => one.lane === lane).title);
  options("vehicle", fixed.vehicles, (kind) => translate(`sim_kind_${kind.replace(/[ -]/g, "_")}`));
  options("declared", Object.keys(DECLARED), (key) => translate(`sim_declared_${key}`));
  options("driver", Object.keys(DRIVERS), (key) => translate(`sim_driver_${key}`));
  form.elements.plate.placeholder = translate("sim_any_plate");
}

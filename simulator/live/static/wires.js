// The wires: whether each is well, and its figures.
import { filled, translate } from "./words.js";

const list = document.querySelector("#wires ul");

export function show(wires) {
  list.replaceChildren(
    ...wires.map((wire) => {
      const li = document.createElement("li");
      li.className = wire.well ? "good-wire" : "bad";
      li.dataset.wire = `${wire.what} ${wire.lane}`.trim();
      const name = document.createElement("b");
      name.textContent = `${translate(`sim_wire_${wire.what}`)}${wire.lane ? ` ${wire.lane}` : ""}`;
      li.append(name, ` ${filled(`sim_wire_${wire.what}_says`, wire)}`);
      return li;
    }),
  );
}

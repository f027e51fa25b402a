// The same receiver in Node, without any package: lines "TOPIC JSON" come in, such go out.
//
//   mosquitto_sub -h HOST -q 1 -c -i example-GATE -v -t 'BASE/events/#' -t BASE/status -t BASE/replay/result -t BASE/checkpoint |
//   node customs_receiver.mjs BASE FILE.jsonl KEY[,KEY] [UNSIGNED] |
//   while read -r topic body; do mosquitto_pub -h HOST -q 1 -t "$topic" -m "$body"; done
//
// BASE is bordergate/v1/SITE/GATE. FILE holds one event a line; KEY and UNSIGNED as in customs_receiver.py.

import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const [base, file, given, unsigned = "0"] = process.argv.slice(2);
const keys = given.split(",").map((key) => createPublicKey(
  { key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(key, "base64").toString("base64url") }, format: "jwk" }));
const start = "0".repeat(64), early = new Map(), told = new Set(), held = new Map();
let through = 0, before = start, wanted = 0;
if (existsSync(file)) {
  const kept = readFileSync(file), end = kept.lastIndexOf(10) + 1;
  truncateSync(file, end); // a torn last line was never acknowledged
  for (const line of kept.subarray(0, end).toString().split("\n").filter(Boolean)) keep(JSON.parse(line));
}
const disk = openSync(file, "a");

// RFC 8785: JSON as ECMAScript writes it, the names in the order of their UTF-16 code units.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`)}}`;
}

// Without what is added later.
const bare = (said, ...added) => canonical(Object.fromEntries(Object.entries(said).filter(([k]) => !added.includes(k))));
const genuine = (said, text) => keys.some((key) => verify(null, Buffer.from(
  text ?? bare(said, "hash", "replayed", "signature")), key, Buffer.from(String(said.signature), "base64")));
const tell = (topic, what) => console.log(`${base}/${topic}/example ${JSON.stringify({ consumer: "example", ...what })}`);

function person(text) { // reaches a person in your system
  if (!told.has(text) && told.size < 1000) console.error(text);
  told.add(text);
}

function keep(said) {
  [through, before] = [Number(said.sequence), said.hash];
  held.set(through, said.id);
}

function skip(first, previous) { // the gate says, signed, that the next one is `first`
  if (first > through + 1) person(`events ${through + 1} to ${first - 1} will not come: ask for an export`);
  [through, before] = [first - 1, previous];
  for (const number of early.keys()) if (number < first) early.delete(number);
}

function event(said) {
  const number = Number(said.sequence);
  const signed = "signature" in said ? genuine(said) : number <= Number(unsigned);
  if (!signed || said.hash !== createHash("sha256").update(bare(said, "hash", "replayed")).digest("hex"))
    return person(`event ${number} is not signed by this gate: not taken`);
  if (held.has(number) && held.get(number) !== said.id) person(`number ${number} was given twice: the gate has lost its journal`);
  else if (number > through && early.size < 10_000) {
    early.set(number, said); // live events may come ahead of their turn
    if (said.previoushash === start && number === through + 1) skip(number, start); // a new series
    else if (said.previoushash === start) tell("replay", { after: through, hash: before }); // is there more before it?
  }
  take();
}

function take() { // what is next, as far as it has come
  let next;
  while ((next = early.get(through + 1))) {
    early.delete(through + 1);
    // Of an earlier history, or of another: the answer says so.
    if (next.previoushash !== before) return tell("replay", { after: through, hash: before });
    writeSync(disk, `${JSON.stringify(next)}\n`);
    fsyncSync(disk);
    keep(next);
  }
}

function checkpoint(said) { // a person hears of what has not come until the checkpoint after it
  if (!genuine(said, `${said.sequence}:${said.hash}:${said.time}`)) return person("a checkpoint is not signed by this gate: not heeded");
  if (wanted > through) {
    person(`only ${through} of ${wanted} events have come`);
    tell("replay", { after: through, hash: before });
  }
  wanted = Number(said.sequence);
}

function replayed(said) {
  if (!(said.after <= through && through < said.first)) return; // for another, or nothing new
  if (!genuine(said)) person("a replay/result is not signed by this gate: not heeded");
  else if (said.first > through + 1) {
    skip(said.first, said.previoushash); // the gate holds none between
    take();
  }
  else if (![before, start].includes(said.previoushash)) person(`the gate goes on after ${through} with another history than was held`);
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const cut = line.indexOf(" "), topic = line.slice(0, cut), kind = topic.slice(base.length + 1);
  try {
    const said = JSON.parse(line.slice(cut + 1));
    if (kind === "status" && said.state === "online") tell("replay", { after: through, hash: before }); // one of us was away
    else if (kind === "checkpoint") checkpoint(said);
    else if (kind === "replay/result") replayed(said);
    else if (kind.startsWith("events/")) {
      event(said);
      tell("ack", { through }); // only what is on the disk; also when it comes again
    }
  } catch (error) {
    if (error.syscall) throw error; // the disk: without it nothing is acknowledged
    person(`a message on ${kind} is not understood: ${line.slice(cut + 1, cut + 80)}`);
  }
});

// Checks vectors.json with Node alone: node check.mjs

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const all = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url)));
const x = Buffer.from(all.key, "base64").toString("base64url");
const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
const signed = (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
let faults = 0;

function check(what, good) {
  if (!good) console.log(`wrong: ${what}`);
  faults += !good;
}

// RFC 8785: JSON as ECMAScript writes it, the names in the order of their UTF-16 code units.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`)}}`;
}

function without(value, ...names) {
  return canonical(Object.fromEntries(Object.entries(value).filter(([k]) => !names.includes(k))));
}

let before = "0".repeat(64);
all.events.forEach(({ received, ...wanted }, n) => {
  const event = JSON.parse(received);
  check(`event ${n + 1}: signed text`, without(event, "hash", "replayed", "signature") === wanted.signed);
  check(`event ${n + 1}: signature`, event.signature === wanted.signature && signed(wanted.signed, event.signature));
  check(`event ${n + 1}: hashed text`, without(event, "hash", "replayed") === wanted.hashed);
  check(`event ${n + 1}: hash`, createHash("sha256").update(wanted.hashed).digest("hex") === event.hash);
  check(`event ${n + 1}: follows`, event.previoushash === before);
  before = event.hash;
});
const result = JSON.parse(all.replay_result.received);
check("replay/result", without(result, "signature") === all.replay_result.signed && signed(all.replay_result.signed, result.signature));
const { sequence, hash, time, signature } = JSON.parse(all.checkpoint.received);
check("checkpoint", hash === before && signed(`${sequence}:${hash}:${time}`, signature));
const { code, ...parts } = all.code;
const [text, end] = [code.slice(0, code.lastIndexOf(":")), code.slice(code.lastIndexOf(":") + 1)];
const seconds = Date.parse(parts.expires) / 1000;
check("code: signed text", text === parts.signed && text === `BG1:${parts.assignment}:${seconds}:${parts.nonce}:${parts.issuer}:${parts.key}`);
check("code: signature", signed(text, Buffer.from(end, "base64url").toString("base64")));
console.log(`${all.events.length} events, a replay/result, a checkpoint and a code: ${faults} wrong`);
process.exitCode = faults ? 1 : 0;

/**
 * What both verifiers read: trees, leaves, keys and signed heads. Node 20.12 or newer and no other code.
 */
import { createPublicKey, hash, verify } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** In one call: a million lines are several million hashes. */
export const sha256 = (...parts) => hash("sha256", parts.length === 1 ? parts[0] : Buffer.concat(parts), "buffer");
export const hex = (bytes) => Buffer.from(bytes).toString("hex");

const pair = Buffer.alloc(65, 1);
const nodeOf = (left, right) => {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
};
/** RFC 6962: the roots of the complete subtrees, largest first. */
export const newTree = () => ({ size: 0, roots: [] });
export const addLeaf = (tree, leaf) => {
  let top = leaf;
  for (let rest = tree.size; rest % 2 === 1; rest = (rest - 1) / 2) top = nodeOf(tree.roots.pop(), top);
  tree.roots.push(top);
  tree.size += 1;
};
export const rootOf = ({ roots }) =>
  roots.length === 0 ? sha256("") : roots.reduceRight((right, left) => nodeOf(left, right));

/** What is counted of a line: its place, who, when, and the hash of its bytes. */
export const leafOf = (log, line) => {
  const { epoch, position, received, deviceId, hash, signature, recordId, n, quarantine } = line;
  const who = `${received}\n${deviceId ?? ""}\n${hash}\n${signature ?? ""}\n${recordId ?? ""}\n${n ?? ""}\n${quarantine ?? ""}`;
  return sha256(`\0holdfast line 1\n${log}\n${epoch}\n${position}\n${who}`);
};

const isWord = (value) => value == null || (typeof value === "string" && !value.includes("\n"));
/** The leaf has no other reading while no word of it holds a line break. */
export const isPlain = ({ received, deviceId, signature, recordId, quarantine }) =>
  [received, deviceId, signature, recordId, quarantine].every(isWord);

const ed25519 = (raw) =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") }, format: "jwk" });
export const rawOf = (key) => Buffer.from(key.export({ format: "jwk" }).x, "base64url");
export const keyId = (name, kind, raw) => sha256(Buffer.from(`${name}\n`), Buffer.of(kind), raw).subarray(0, 4);

/** Files of log keys, 32 bytes in base64url on each line. */
export const readLogKeys = (paths) =>
  paths.flatMap((path) => readFileSync(path, "utf8").trim().split("\n").map(readLogKey));
export const readLogKey = (text) => ed25519(Buffer.from(text.trim(), "base64url"));
/** A witness's key as C2SP writes it. */
export const readWitness = (text) => {
  const [, name, id, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (bytes.length !== 33 || bytes[0] !== 4 || hex(keyId(name, 4, bytes.subarray(1))) !== id)
    throw new Misuse(`"${text}" is no witness's key: <name>+<id>+<base64>.`);
  return { name, id: Buffer.from(id, "hex"), key: ed25519(bytes.subarray(1)) };
};
export class Misuse extends Error {}
/** What is wrong with a file; `kind` is one of the kinds of problems. */
export class Bad extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** A signed head, C2SP tlog-checkpoint: who signed it, and when its witnesses did. Throws Bad. */
export const readHead = (text, logKeys, witnesses) => {
  const cut = text.lastIndexOf("\n\n");
  const body = text.slice(0, cut + 1);
  const pattern = /^(holdfast\.example\/([a-z0-9-]+)\/([a-z]+))\n(\d{1,15})\n(\S{43}=)\nepoch \d+\ntime (\S+)\n$/;
  const [, origin, trust, log, size, root, time] = pattern.exec(body) ?? [];
  if (cut < 0 || origin === undefined) throw new Bad("changed", "it is no head of a log.");
  let isSigned = false;
  const seen = new Map();
  const lines = text.slice(cut + 2).split("\n");
  for (const line of lines.slice(0, 64)) {
    const [, name, base64] = /^— (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    const bytes = Buffer.from(base64 ?? "", "base64");
    if (bytes.length < 68) continue;
    const [id, signature] = [bytes.subarray(0, 4), bytes.subarray(4)];
    isSigned ||=
      name === origin &&
      signature.length === 64 &&
      logKeys.some((key) => keyId(origin, 1, rawOf(key)).equals(id) && verify(null, Buffer.from(body), key, signature));
    for (const witness of witnesses) {
      if (name !== witness.name || !witness.id.equals(id) || signature.length !== 72) continue;
      const seconds = signature.readBigUInt64BE();
      const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${body}`);
      if (verify(null, message, witness.key, signature.subarray(8))) seen.set(name, Number(seconds) * 1_000);
    }
  }
  if (!isSigned) throw new Bad("other-signer", "none of the log keys signed it.");
  const at = seen.size > 0 ? new Date(Math.min(...seen.values())).toISOString() : time;
  return { trust, log, size: Number(size), root: hex(Buffer.from(root, "base64")), at, isCosigned: seen.size > 0 };
};

export const namesIn = (folder) => {
  try {
    const names = readdirSync(folder).sort();
    return names.filter((name) => !name.startsWith("."));
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  }
};
const textsAt = (path) => (statSync(path).isDirectory() ? namesIn(path).map((name) => join(path, name)) : [path]);
const trustOf = (text) => /^holdfast\.example\/([a-z0-9-]+)\//.exec(text)?.[1];
/** Heads that came from elsewhere, but those of other trusts. One that is none is somebody's mistake, and no fault of the archive. */
export const readHeads = (path, { logKeys, witnesses, trusts }) =>
  textsAt(path)
    .map((each) => readFileSync(each, "utf8"))
    .flatMap((text) => (text.startsWith("{") ? JSON.parse(text).heads : [text]))
    .filter((text) => trusts === undefined || trustOf(text) === undefined || trusts.includes(trustOf(text)))
    .map((text) => readHead(text, logKeys, witnesses));

/** Runs a command if it is the one that was called. */
export const runMain = (name, main) => {
  if (!process.argv[1]?.endsWith(name)) return;
  try {
    main();
  } catch (error) {
    const isMisuse = error instanceof Misuse || String(error.code).startsWith("ERR_PARSE_ARGS");
    console.error(error.message);
    process.exitCode = isMisuse ? 2 : 3;
  }
};

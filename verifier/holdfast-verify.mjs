#!/usr/bin/env node
/**
 * Checks an archive of Holdfast's logs: whether anything in it was changed, removed, added, reordered or rolled back, and since when.
 * It stands alone: Node 20.12 or newer, this file and holdfast-heads.mjs, no network. `--help` says what it is given.
 */
import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  verify,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import * as shared from "./holdfast-heads.mjs";

const { addLeaf, Bad, hex, isPlain, leafOf, Misuse, namesIn, newTree } = shared;
const { rawOf, readHead, readHeads, readLogKeys, readWitness, rootOf, runMain, sha256 } = shared;

const help = `holdfast-verify.mjs DIR --log-key FILE [--witness KEY …] [--heads FILE|DIR …]
                    [--identity FILE] [--device-heads FILE] [--trust NAME] [--json]

  DIR             the letterbox's folder of segments: <trust>/<log>/*.segment, <trust>/<log>-heads/*.head
  --log-key       the trust's log keys, one a line, as its officers keep them
  --witness       a witness's key, <name>+<id>+<base64>: heads that it signed are proof
  --heads         heads from elsewhere: a witness's folder of heads, or what its /heads answers. They show what was cut off the end
  --identity      an age identity: then every line is opened, and its bytes are checked
  --device-heads  heads that tablets signed, [{deviceId, recordId, n, hash, signature}], for what is younger. Needs --identity
  --trust         of several trusts in DIR and among the heads, this one: its log keys alone are needed

Exit codes: 0 nothing is wrong; 1 something is; 2 wrongly called; 3 a file could not be read.`;

const bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** The private key in AGE-SECRET-KEY-1… */
export const readIdentity = (text) => {
  const line = text
    .split("\n")
    .map((each) => each.trim())
    .find((each) => each.startsWith("AGE-SECRET-KEY-1"));
  const values = [...(line ?? "").slice("AGE-SECRET-KEY-1".length).toLowerCase()].map((letter) =>
    bech32.indexOf(letter),
  );
  // Its checksum is not asked: one that was mistyped opens nothing.
  if (values.length !== 58 || values.includes(-1)) throw new Misuse("This is no age identity (AGE-SECRET-KEY-1…).");
  let bits = 0n;
  for (const value of values.slice(0, 52)) bits = (bits << 5n) | BigInt(value);
  const raw = Buffer.from((bits >> 4n).toString(16).padStart(64, "0"), "hex");
  const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), raw]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { key, publicKey: rawOf(createPublicKey(key)) };
};
const x25519 = (raw) =>
  createPublicKey({ key: { kty: "OKP", crv: "X25519", x: raw.toString("base64url") }, format: "jwk" });
const hkdf = (secret, salt, info) => Buffer.from(hkdfSync("sha256", secret, salt, info, 32));
const unpadded = (text) => {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== text) throw new Bad("changed", "it is no age file.");
  return bytes;
};
const opened = (key, nonce, sealed) => {
  const aead = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  aead.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([aead.update(sealed.subarray(0, -16)), aead.final()]);
};
const chunkBytes = 65_536 + 16;

/** Opens an age file (age-encryption.org/v1) by an X25519 identity. Throws Bad. */
export const decrypt = (file, identity) => {
  const end = file.indexOf("\n---");
  const macEnd = file.indexOf("\n", end + 1);
  if (end < 0 || macEnd < 0) throw new Bad("changed", "it is no age file.");
  const lines = file.toString("latin1", 0, end).split("\n");
  if (lines.shift() !== "age-encryption.org/v1") throw new Bad("changed", "it is no age file of version 1.");
  let fileKey;
  for (let i = 0; i < lines.length; i++) {
    const [arrow, type, share] = lines[i].split(" ");
    if (arrow !== "->") continue;
    if (type !== "X25519" || fileKey !== undefined) continue;
    const ephemeral = unpadded(share ?? "");
    const body = unpadded(lines[i + 1] ?? "");
    if (ephemeral.length !== 32 || body.length !== 32) throw new Bad("changed", "a recipient of it is malformed.");
    const secret = diffieHellman({ privateKey: identity.key, publicKey: x25519(ephemeral) });
    const wrap = hkdf(secret, Buffer.concat([ephemeral, identity.publicKey]), "age-encryption.org/v1/X25519");
    try {
      fileKey = opened(wrap, Buffer.alloc(12), body);
    } catch {
      // Sealed to somebody else as well.
    }
  }
  if (fileKey === undefined)
    throw new Bad("unopened", "it is sealed to other identities than this, or this was mistyped.");
  const mac = createHmac("sha256", hkdf(fileKey, Buffer.alloc(0), "header"))
    .update(file.subarray(0, end + 4))
    .digest();
  if (!mac.equals(unpadded(file.toString("latin1", end + 5, macEnd))))
    throw new Bad("changed", "its age header was changed.");
  const payload = file.subarray(macEnd + 1);
  const key = hkdf(fileKey, payload.subarray(0, 16), "payload");
  const plain = [];
  const nonce = Buffer.alloc(12);
  try {
    for (let from = 16, chunk = 0; ; from += chunkBytes, chunk++) {
      const isLast = from + chunkBytes >= payload.length;
      nonce.writeUIntBE(chunk, 5, 6);
      nonce[11] = isLast ? 1 : 0;
      plain.push(opened(key, nonce, payload.subarray(from, from + chunkBytes)));
      if (isLast) return Buffer.concat(plain);
    }
  } catch {
    throw new Bad("changed", "what is sealed in it was changed.");
  }
};

const isCount = (value) => Number.isSafeInteger(value) && value >= 1;
const isHex = (value) => typeof value === "string" && value.length === 64 && !/[^0-9a-f]/.test(value);
const isTime = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));

/** A segment's header, signature checked, and its sealed part. Throws Bad. */
export const readSegment = (file, logKeys) => {
  const end = file.indexOf(10);
  const second = file.indexOf(10, end + 1);
  if (end < 0 || second < 0 || second > 8_000) throw new Bad("changed", "it has no header and signature.");
  const statement = file.subarray(0, end);
  const signature = Buffer.from(file.toString("latin1", end + 1, second), "base64url");
  const header = JSON.parse(statement.toString());
  const isSigned = logKeys.some((key) => verify(null, statement, key, signature));
  if (!isSigned) throw new Bad("other-signer", "none of the log keys signed it.");
  const { format, first, last, epoch, previous, root, sealedBytes, sealedHash, sealedAt } = header;
  const isWhole = [first, last, epoch, sealedBytes].every(isCount) && first <= last && isHex(root) && isTime(sealedAt);
  if (format !== "holdfast segment 2" || !isWhole || typeof previous !== "string")
    throw new Bad("changed", "its header is none that this version knows.");
  const sealed = file.subarray(second + 1);
  if (sealed.length !== sealedBytes || hex(sha256(sealed)) !== sealedHash)
    throw new Bad("changed", "what is sealed in it is not what its header says: torn, or changed.");
  return { header, sealed, hash: hex(sha256(file)) };
};

/** The lines of a segment, each a JSON text that says how many bytes follow it, and those, checked. Throws Bad. */
function* openLines({ header, sealed }, identity) {
  const plain = gunzipSync(decrypt(sealed, identity), { maxOutputLength: 64_000_000 });
  for (let at = 0, position = header.first; at < plain.length || position <= header.last; position++) {
    const start = plain.indexOf(10, at) + 1;
    const line = JSON.parse(plain.toString("utf8", at, Math.min(start, at + 16_000)));
    if (line.position !== position || position > header.last || line.epoch !== header.epoch)
      throw new Bad("reordered", `line ${position} is not in its place.`);
    const bytes = line.bytes === null ? null : plain.subarray(start, start + line.bytes);
    const isThere = bytes && Number.isSafeInteger(line.bytes) && line.bytes >= 0 && plain[start + line.bytes] === 10;
    const isWhole = isTime(line.received) && (isThere ? hex(sha256(bytes)) === line.hash : !bytes && isHex(line.hash));
    if (!isPlain(line) || !isWhole) throw new Bad("changed", `line ${position} is not what its hash names.`);
    yield { ...line, bytes };
    at = bytes === null ? start : start + bytes.length + 1;
  }
}

/** Whatever a file of the archive holds is the archive's fault, and one that cannot be read is the disk's. */
const faultOf = (error) => {
  if (error.syscall !== undefined) throw error;
  return error.kind ?? "changed";
};
const rangeOf = (name) => (/^(\d+)-(\d+)\./.exec(name) ?? [0, 1, 1]).slice(1).map(Number);
const nameOf = ({ first, last, epoch }) =>
  `${[first, last].map((each) => String(each).padStart(12, "0")).join("-")}.${epoch}.segment`;

/** Heads from beside the segments, and from elsewhere; those of other logs are left out. */
const headsOf = (trust, log, parts, say) => {
  const heads = parts.heads.filter((head) => head.trust === trust && head.log === log);
  const folder = join(parts.directory, trust, `${log}-heads`);
  for (const name of namesIn(folder))
    try {
      const head = readHead(readFileSync(join(folder, name), "utf8"), parts.logKeys, parts.witnesses);
      if (head.trust !== trust || head.log !== log) throw new Bad("reordered", "it is of another log.");
      heads.push(head);
    } catch (error) {
      say(faultOf(error), null, null, `The head ${name}: ${error.message}`);
    }
  return heads.sort((a, b) => a.size - b.size);
};

/** Whether a line from `first` to `last` is in what is wrong, of which there may be as much as there are lines. */
const searchProblems = (problems) => {
  const wrong = problems.filter(({ from }) => from !== null).sort((a, b) => a.from - b.from);
  const reach = [];
  for (const { to } of wrong) reach.push(Math.max(to, reach.at(-1) ?? 0));
  return (first, last) => {
    let [low, high] = [-1, wrong.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (wrong[middle].from <= last) low = middle;
      else high = middle;
    }
    return low >= 0 && reach[low] >= first;
  };
};
/** Of the lines in what is wrong, as far as they can be read. */
const recordsIn = (folder, problems, { logKeys, identity }) => {
  const records = new Set();
  const isIn = searchProblems(problems);
  for (const name of namesIn(folder))
    try {
      if (!isIn(...rangeOf(name))) continue;
      for (const { position, recordId } of openLines(readSegment(readFileSync(join(folder, name)), logKeys), identity))
        if (recordId && isIn(position, position)) records.add(recordId);
    } catch (error) {
      faultOf(error);
    }
  return [...records];
};

const checkLog = (trust, log, parts, entries) => {
  const folder = join(parts.directory, trust, log);
  const problems = [];
  const say = (kind, from, to, words) => problems.push({ kind, from, to, words });
  // Before the segments: whoever writes meanwhile adds a head after its segment.
  const heads = headsOf(trust, log, parts, say);
  const roots = new Map(heads.map(({ size }) => [size, size === 0 ? hex(rootOf(newTree())) : undefined]));
  let tree = parts.identity && newTree();
  let before = { first: 1, last: 0, hash: "" };
  const take = (name, segment) => {
    const { first, last, root, previous } = segment.header;
    if (segment.header.trust !== trust || segment.header.log !== log || nameOf(segment.header) !== name)
      throw new Bad("reordered", `it is ${nameOf(segment.header)} of ${segment.header.trust}, ${segment.header.log}.`);
    if (first <= before.last) throw new Bad("added", "its lines are there already.");
    if (first > before.last + 1) {
      say("removed", before.last + 1, first - 1, `Lines ${before.last + 1} to ${first - 1} are missing.`);
      tree = undefined;
    } else if (before.hash !== undefined && previous !== before.hash)
      say("changed", before.first, last, `${name} goes on from another file than the one before it: one was replaced.`);
    before = { first, last, hash: segment.hash };
    if (roots.has(last)) roots.set(last, root);
    if (parts.identity === undefined) return;
    for (const line of openLines(segment, parts.identity)) {
      if (!entries.see(log, line))
        say("removed", line.position, line.position, `Line ${line.position} has no bytes, and its record no end.`);
      if (tree === undefined) continue;
      addLeaf(tree, leafOf(log, line));
      if (roots.has(tree.size)) roots.set(tree.size, hex(rootOf(tree)));
    }
    if (tree && hex(rootOf(tree)) !== root) throw new Bad("changed", "its lines do not make the root that was signed.");
  };
  for (const name of namesIn(folder))
    try {
      take(name, readSegment(readFileSync(join(folder, name)), parts.logKeys));
    } catch (error) {
      const [from, to] = rangeOf(name);
      say(faultOf(error), from, to, `${name}: ${error.message}`);
      if (error.kind !== "added") before = { first: from, last: Math.max(before.last, to), hash: undefined };
      tree = undefined;
    }
  // Who has given the keys of witnesses wants their word, and not the base's alone.
  const isTrusted = ({ isCosigned }) => isCosigned || parts.witnesses.length === 0;
  const good = compareHeads(heads, roots, before.last, say, problems, isTrusted);
  const firstBad = problems.reduce((least, { from }) => Math.min(least, from ?? least), before.last + 1);
  const trusted = good.filter((head) => head.size < firstBad && isTrusted(head));
  const { size: provenTo = 0, at: cleanSince = null } = trusted.at(-1) ?? {};
  const records = problems.length > 0 && parts.identity ? recordsIn(folder, problems, parts) : [];
  const found = { log, lines: before.last, heads: heads.length, provenTo, cleanLine: firstBad - 1, cleanSince };
  return { ...found, problems, records };
};

/** The heads that the archive's tree agrees with; the others are problems. */
const compareHeads = (heads, roots, last, say, problems, isTrusted) => {
  const good = [];
  let isSplit = false;
  const after = () => good.findLast(isTrusted)?.size ?? 0;
  for (const head of heads) {
    const root = roots.get(head.size);
    if (root === head.root) good.push(head);
    else if (root !== undefined && !isSplit) {
      say("split-view", after() + 1, last, `A head of ${head.size} lines was signed over others: a rewritten log.`);
      isSplit = true;
    } else if (head.size <= last && problems.length === 0)
      say("changed", after() + 1, last, `No segment ends with line ${head.size}, where a head was signed.`);
  }
  const { size = 0 } = heads.at(-1) ?? {};
  if (size > last)
    say("rolled-back", last + 1, size, `A head of ${size} lines was signed: those after ${last} are cut off.`);
  return good;
};

/** Sees every opened line, the control log's first, and says in the end which heads of tablets the archive lacks. */
const watchEntries = (deviceHeads) => {
  const place = ({ deviceId, recordId, n }) => `${deviceId}/${recordId}/${n}`;
  const wanted = new Map(deviceHeads.map((head) => [place(head), head]));
  const hashes = new Set(deviceHeads.map(({ hash }) => hash));
  const [found, stored, keys, ended] = [new Set(), new Set(), new Map(), new Map()];
  const isSigned = ({ deviceId, recordId, n, hash, signature }) => {
    if (!keys.has(deviceId) || typeof signature !== "string") return false;
    const statement = Buffer.from(`holdfast-head-v1\n${deviceId}\n${recordId}\n${n}\n${hash}\n`);
    const key = { key: createPublicKey({ key: keys.get(deviceId), format: "jwk" }), dsaEncoding: "ieee-p1363" };
    return verify("sha256", statement, key, Buffer.from(signature, "base64url"));
  };
  return {
    /** False for a line whose bytes are gone, though nothing says that its record has ended. */
    see: (log, line) => {
      if (hashes.size > 0 && log === "care") {
        if (hashes.has(line.hash)) found.add(line.hash);
        if (wanted.has(place(line))) stored.add(place(line));
      }
      if (line.bytes === null) return log === "care" && line.position <= (ended.get(line.recordId) ?? 0);
      if (log !== "control") return true;
      const { kind, type, id, deviceId, state, publicKey } = JSON.parse(line.bytes);
      if (kind === "device" || type === "device-enrolled") keys.set(id ?? deviceId, state?.publicKey ?? publicKey);
      if (kind === "record" && state.disposal) ended.set(id, state.disposal.through);
      return true;
    },
    missing: () =>
      [...wanted.values()].flatMap((head) => {
        if (found.has(head.hash) || !isSigned(head)) return [];
        const kind = stored.has(place(head)) ? "changed" : "missing";
        const there = kind === "changed" ? "another is there" : "it is not there: not come yet, or removed";
        return { ...head, kind, words: `A tablet signed entry ${head.n} of record ${head.recordId}, and ${there}.` };
      }),
  };
};

/** `directory`, `logKeys`, `witnesses`, `heads`, `deviceHeads`, `identity?`, `trusts?` → what is wrong, and since when. */
export const verifyArchive = (parts) => {
  const trusts = parts.trusts ?? [...new Set([...namesIn(parts.directory), ...parts.heads.map(({ trust }) => trust)])];
  const checked = trusts.map((trust) => {
    const entries = watchEntries(parts.deviceHeads);
    const logs = ["control", "care", "access"].map((log) => checkLog(trust, log, parts, entries));
    const devices = entries.missing();
    return { trust, logs, devices, good: devices.length === 0 && logs.every(({ problems }) => problems.length === 0) };
  });
  const isEmpty = checked.every(({ logs }) => logs.every(({ lines }) => lines === 0));
  const good = !isEmpty && checked.every((each) => each.good);
  return { good, isEmpty, opened: parts.identity !== undefined, trusts: checked };
};

const inWords = ({ trusts, opened, isEmpty }) => {
  const lines = isEmpty ? ["THERE IS NO ARCHIVE HERE."] : [];
  for (const { trust, logs, devices } of trusts) {
    for (const { log, lines: count, heads, provenTo, cleanLine, cleanSince, problems, records } of logs) {
      const since = cleanSince === null ? "" : `, of ${cleanSince}`;
      lines.push(`${trust} ${log}: ${count} lines${opened ? ", each opened" : ", none opened"}; ${heads} heads`);
      lines.push(`  proved to line ${provenTo}${since}`);
      if (problems.length > 0)
        lines.push(`  NOT GOOD AFTER LINE ${cleanLine}: what is wrong came after the proof above.`);
      for (const { kind, words } of problems.slice(0, 50)) lines.push(`  ${kind}: ${words}`);
      if (records.length > 0) lines.push(`  ${records.length} records are touched: ${records.slice(0, 50).join(", ")}`);
    }
    for (const { kind, words } of devices.slice(0, 50)) lines.push(`  ${kind}: ${words}`);
  }
  return lines.join("\n");
};

const main = () => {
  const [many, one, flag] = [{ type: "string", multiple: true }, { type: "string" }, { type: "boolean" }];
  const lists = { "log-key": many, witness: many, heads: many };
  const options = { ...lists, identity: one, "device-heads": one, trust: one, json: flag, help: flag };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return console.log(help);
  if (positionals.length !== 1 || !values["log-key"]) throw new Misuse(help);
  const logKeys = readLogKeys(values["log-key"]);
  const about = { logKeys, witnesses: (values.witness ?? []).map(readWitness), trusts: values.trust && [values.trust] };
  const result = verifyArchive({
    ...about,
    directory: positionals[0],
    heads: (values.heads ?? []).flatMap((path) => readHeads(path, about)),
    deviceHeads: values["device-heads"] ? JSON.parse(readFileSync(values["device-heads"], "utf8")) : [],
    identity: values.identity && readIdentity(readFileSync(values.identity, "utf8")),
  });
  console.log(values.json ? JSON.stringify(result) : inWords(result));
  process.exitCode = result.good ? 0 : 1;
};

runMain("holdfast-verify.mjs", main);

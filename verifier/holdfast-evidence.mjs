#!/usr/bin/env node
/**
 * Checks an evidence pack of Holdfast: whether each byte is what the trust's log key signed, and whether its heads, its timeline and its
 * verification say the same. It needs Node 20.12 or newer, and holdfast-heads.mjs beside it. `--help` says what it is given.
 */
import { createHash, verify } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { parseArgs } from "node:util";
import * as shared from "./holdfast-heads.mjs";

const { addLeaf, Bad, hex, isPlain, keyId, leafOf, Misuse } = shared;
const { newTree, rawOf, readHead, readHeads, readLogKeys, readWitness, rootOf, runMain } = shared;

const help = `holdfast-evidence.mjs PACK --log-key FILE [--witness KEY …] [--heads FILE|DIR …] [--json]

  PACK       what \`holdfast evidence\` wrote
  --log-key  the trust's log keys, one a line, as its officers keep them
  --witness  the key of each witness, <name>+<id>+<base64>; without it the pack's own list of them is believed
  --heads    heads from elsewhere: what a witness's /heads answers. They show what was cut off before the pack was made

Exit codes: 0 it is as it was signed and agrees with itself, whatever it tells of; 1 it is not; 2 wrongly called; 3 it cannot be read.`;

const check = (isSo, words) => {
  if (!isSo) throw new Bad("pack", words);
};

const headerOf = (name, bytes) => {
  const header = Buffer.alloc(512);
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name);
  header.write(`${octal(292, 7)}${octal(0, 7)}${octal(0, 7)}${octal(bytes, 11)}${octal(0, 11)}        0`, 100);
  header.write("ustar\0" + "00", 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte),
      6,
    )} `,
    148,
  );
  return header;
};
/** Where each file of the tar is. Every byte besides the files' own is the one that it must be. */
const filesIn = (read, end) => {
  const files = [];
  for (let at = 0; at + 1_024 < end; ) {
    const header = read(at, 512);
    const name = header.toString("latin1", 0, Math.min(100, header.indexOf(0)));
    const bytes = Number.parseInt(header.toString("latin1", 124, 135), 8);
    check(/^[\w.-]+$/.test(name) && header.equals(headerOf(name, bytes)), "The tar is none that Holdfast writes.");
    const next = at + 512 * (1 + Math.ceil(bytes / 512));
    check(next + 1_024 <= end, `The pack ends within ${name}.`);
    check(
      read(at + 512 + bytes, next - at - 512 - bytes).every((byte) => byte === 0),
      `Something was added after ${name}.`,
    );
    files.push({ name, bytes, at: at + 512 });
    at = next;
  }
  check(end >= 1_024 && read(end - 1_024, 1_024).every((byte) => byte === 0), "The tar has no end.");
  return files;
};
/** What the log key has signed. */
const readManifest = (text, logKeys) => {
  const pattern =
    /^((holdfast\.example\/([a-z0-9-]+)\/evidence)\nholdfast evidence 1\nmade (\S+)\nfiles (\d+)\n((?:.+\n)*))\n— \2 (\S+)\n$/;
  const [, body, origin, trust, made, count, list, base64] = pattern.exec(text) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  check(bytes.length === 68 && bytes.toString("base64") === base64, "The manifest is none.");
  const isBy = (key) =>
    keyId(origin, 1, rawOf(key)).equals(bytes.subarray(0, 4)) &&
    verify(null, Buffer.from(body), key, bytes.subarray(4));
  check(logKeys.some(isBy), "None of the log keys signed the manifest.");
  return { trust, made, count: Number(count), list };
};
const chunkBytes = 1_048_576;
function* chunksOf(read, { at, bytes }) {
  for (let from = 0; from < bytes; from += chunkBytes) yield read(at + from, Math.min(chunkBytes, bytes - from));
}
function* linesOf(read, file) {
  let rest = Buffer.alloc(0);
  for (const chunk of chunksOf(read, file)) {
    rest = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield rest.toString("utf8", from, end);
      from = end + 1;
    }
    rest = rest.subarray(from);
  }
  check(rest.length === 0, `${file.name} ends within a line.`);
}

/** Each log's tree, made of the timeline's lines: how many lines there are, and the roots at these sizes. */
const treesOf = (lines, sizes) => {
  const logs = Object.fromEntries(
    Object.keys(sizes).map((log) => [log, { tree: newTree(), last: 0, roots: new Map() }]),
  );
  const note = (log) => {
    const { tree, roots } = logs[log];
    if (sizes[log].has(tree.size)) roots.set(tree.size, hex(rootOf(tree)));
  };
  for (const log of Object.keys(logs)) note(log);
  for (const text of lines) {
    const { log, epoch, position, received, device, leaf } = JSON.parse(text);
    const line = { ...leaf, epoch, position, received, deviceId: device };
    check(Object.hasOwn(logs, log) && isPlain(line), "A line of the timeline is none.");
    addLeaf(logs[log].tree, leafOf(log, line));
    logs[log].last = Math.max(logs[log].last, position);
    note(log);
  }
  return logs;
};

/** What the pack at a path says of itself, once it is known to be true. Throws where it is not. */
export const verifyPack = (path, parts) => {
  const file = openSync(path, "r");
  const read = (at, bytes) => {
    const part = Buffer.alloc(bytes);
    for (let done = 0; done < bytes; ) {
      const got = readSync(file, part, done, bytes - done, at + done);
      check(got > 0, "The pack ends too early.");
      done += got;
    }
    return part;
  };
  try {
    return verifyBytes(read, fstatSync(file).size, parts);
  } finally {
    closeSync(file);
  }
};

const verifyBytes = (read, end, { logKeys, witnesses, heads: elsewhere }) => {
  const files = filesIn(read, end);
  const last = files.pop();
  check(last?.name === "MANIFEST" && last.bytes < 100_000, "The pack has no manifest.");
  const { trust, made, count, list } = readManifest(read(last.at, last.bytes).toString(), logKeys);
  const sums = files.map((file) => {
    const sum = createHash("sha256");
    for (const chunk of chunksOf(read, file)) sum.update(chunk);
    return `${sum.digest("hex")} ${file.bytes} ${file.name}\n`;
  });
  check(count === files.length && sums.join("") === list, "The files are not those of the manifest.");

  const json = (name) => {
    const file = files.find((each) => each.name === name);
    check(file !== undefined && file.bytes < 268_435_456, `There is no ${name}.`);
    return JSON.parse(read(file.at, file.bytes).toString());
  };
  const proof = json("verification.json");
  const trusted = witnesses.length > 0 ? witnesses : proof.witnesses.map(readWitness);
  const heads = Object.fromEntries(
    proof.logs.map(({ log }) => {
      const own = json(`heads-${log}.json`).heads.map((text) => readHead(text, logKeys, trusted));
      check(
        own.every((head) => head.trust === trust && head.log === log),
        "A head is of another log.",
      );
      const more = elsewhere(trusted, trust).filter((head) => head.trust === trust && head.log === log);
      return [log, [...own, ...more].sort((a, b) => a.size - b.size)];
    }),
  );
  check(Object.keys(heads).sort().join() === "access,care,control", "The verification lacks a log.");
  const sizes = Object.fromEntries(
    Object.entries(heads).map(([log, all]) => [log, new Set(all.map((head) => head.size))]),
  );
  const timeline = files.filter(({ name }) => /^timeline-\d+\.jsonl$/.test(name));
  function* lines() {
    for (const file of timeline) yield* linesOf(read, file);
  }
  const trees = treesOf(lines(), sizes);
  for (const { log, lines: said, provenTo, cleanLine, problemCount } of proof.logs) {
    const { last: there, roots, tree } = trees[log];
    check(said === there, `The ${log} log had ${said} lines, and the timeline ends with ${there}.`);
    check(
      problemCount > 0 || tree.size === there,
      `The timeline has ${tree.size} lines of the ${log} log for ${there}.`,
    );
    const fits = (head) => roots.get(head.size) === head.root;
    check(
      problemCount > 0 || heads[log].every(fits),
      `The ${log} log's lines are not those that its heads were signed over.`,
    );
    const isTrusted = (head) => head.isCosigned || trusted.length === 0;
    const proven = heads[log].findLast((head) => head.size <= cleanLine && fits(head) && isTrusted(head))?.size ?? 0;
    check(proven === provenTo, `The ${log} log is said to be proved to line ${provenTo}; by heads it is to ${proven}.`);
  }
  check(proof.trust === trust && proof.ranAt === made, "The verification is of another trust or time.");
  check(
    proof.good === proof.logs.every(({ problemCount }) => problemCount === 0),
    "The verification contradicts itself.",
  );
  const point = json("clean-point.json").logs.every(({ log, provenTo, cleanLine }) => {
    const figures = proof.logs.find((each) => each.log === log);
    return figures?.provenTo === provenTo && figures.cleanLine === cleanLine;
  });
  check(point, "The clean point is not that of the verification.");
  return {
    trust,
    made,
    files: files.length,
    nothingWrong: proof.good,
    logs: proof.logs,
    findings: json("findings.json").findings,
  };
};

const inWords = ({ trust, made, files, nothingWrong, logs, findings }) => {
  const lines = [`${trust}, ${made}: the pack is as it was signed, ${files} files`];
  lines.push(`It says that ${nothingWrong ? "NOTHING IS WRONG" : "SOMETHING IS WRONG"}`);
  for (const { log, lines: count, provenTo, provenAt, cosigned, cleanLine, problemCount } of logs) {
    const by = cosigned ? "seen by a witness" : "by the base alone";
    lines.push(`  ${log}: ${count} lines; proved to line ${provenTo}, ${by}, ${provenAt ?? "never"}`);
    if (problemCount > 0) lines.push(`    good up to line ${cleanLine}; ${problemCount} problems after it`);
  }
  return [...lines, `  ${findings.length} findings: findings.json`].join("\n");
};

const main = () => {
  const many = { type: "string", multiple: true };
  const options = { "log-key": many, witness: many, heads: many, json: { type: "boolean" }, help: { type: "boolean" } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return console.log(help);
  if (positionals.length !== 1 || !values["log-key"]) throw new Misuse(help);
  const logKeys = readLogKeys(values["log-key"]);
  const witnesses = (values.witness ?? []).map(readWitness);
  const heads = (trusted, trust) =>
    (values.heads ?? []).flatMap((path) => readHeads(path, { logKeys, witnesses: trusted, trusts: [trust] }));
  try {
    const result = verifyPack(positionals[0], { logKeys, witnesses, heads });
    console.log(values.json ? JSON.stringify({ good: true, ...result }) : inWords(result));
  } catch (error) {
    if (error.syscall !== undefined || error instanceof Misuse) throw error;
    console.log(values.json ? JSON.stringify({ good: false, words: error.message }) : `NOT GOOD: ${error.message}`);
    process.exitCode = 1;
  }
};

runMain("holdfast-evidence.mjs", main);

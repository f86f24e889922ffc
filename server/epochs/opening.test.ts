import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import {
  checkOpening,
  keysOfEpoch,
  lastAdopted,
  newOpening,
  officerText,
  readOpening,
  withSignature,
} from "./opening.ts";

const pair = () => generateKeyPairSync("ed25519");
const officers = [pair(), pair(), pair()];
const publicKeys = officers.map(({ publicKey }) => publicKey);
const adopted = (position: number) => ({ position, root: "a".repeat(64), segment: "b".repeat(64) });
const about = (epoch = 2, position = 10, trust = "northmoor") => ({
  trust,
  epoch,
  logKey: officerText(pair().publicKey),
  appendHash: "c".repeat(64),
  adopted: { care: adopted(position), access: adopted(position), control: adopted(position) },
  made: "2026-11-23T10:00:00.000Z",
});
const signedBy = (...keys: KeyObject[]) => keys.reduce(withSignature, newOpening(about()));

test("any two of the officers open an epoch", () => {
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [2, 1],
  ])
    expect(checkOpening(signedBy(officers[a!]!.privateKey, officers[b!]!.privateKey), publicKeys).epoch).toBe(2);
});

test("one officer twice, a stranger, or another statement's signature do not", () => {
  const [one, two] = officers.map(({ privateKey }) => privateKey);
  const twice = signedBy(one!, one!);
  twice.signatures.push(twice.signatures[0]!);
  const good = signedBy(one!, two!);
  const changed = { ...good, statement: good.statement.replace('"position":10', '"position":11') };
  const otherTrust = { ...good, statement: good.statement.replace("northmoor", "westvale") };
  for (const bad of [
    newOpening(about()),
    signedBy(one!),
    twice,
    signedBy(one!, pair().privateKey),
    changed,
    otherTrust,
  ])
    expect(() => checkOpening(bad, publicKeys)).toThrow("2 are needed");
  expect(() => checkOpening(good, [])).toThrow("2 are needed");
  // Control: it is the signatures that count.
  expect(checkOpening(good, publicKeys).trust).toBe("northmoor");
});

test("what is no opening is refused by its form", () => {
  for (const statement of ["", "{}", `${newOpening(about()).statement} `, newOpening(about(1)).statement])
    expect(() => readOpening({ statement })).toThrow("no opening");
});

test("each epoch has its own key, and a later opening cuts an earlier epoch off", () => {
  const first = [pair().publicKey];
  const [second, third] = [readOpening(newOpening(about(2, 10))), readOpening(newOpening(about(4, 7)))];
  expect(keysOfEpoch(first, [second, third], 1)).toBe(first);
  expect(keysOfEpoch(first, [second, third], 2).map(officerText)).toEqual([second.logKey]);
  // No opening began it: nobody's word counts there.
  expect(keysOfEpoch(first, [second, third], 3)).toEqual([]);
  expect(keysOfEpoch(first, [], 3)).toBe(first);
  expect(lastAdopted([second, third], "care", 1)).toBe(7);
  expect(lastAdopted([second, third], "care", 2)).toBe(7);
  expect(lastAdopted([second, third], "care", 4)).toBe(Number.POSITIVE_INFINITY);
});

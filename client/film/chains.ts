import type { FilmChain } from "#protocol/film.ts";
import { headStatement } from "#protocol/push.ts";
import { packEntry, unpackEntry } from "#sharing/film/entries.ts";
import { readEntry } from "#sync/envelope.ts";
import type { DeviceSigner } from "#sync/ports.ts";
import type { CarriedEntry } from "#sync/replica.ts";
import type { HeldEntry } from "#sync/store.ts";
import { hashText } from "../ports.ts";

/**
 * The chains of a record as a film carries them: this device's own signed now, another's up to the last head that its author
 * signed. What lies beyond, or behind a hole, is counted.
 */
export const packChains = async (
  held: readonly HeldEntry[],
  signer: DeviceSigner,
): Promise<{ chains: FilmChain[]; leftOut: number }> => {
  const chains: FilmChain[] = [];
  let leftOut = 0;
  for (const deviceId of new Set(held.map((entry) => entry.deviceId))) {
    const entries = held.filter((entry) => entry.deviceId === deviceId);
    const isOwn = deviceId === signer.deviceId;
    const unbroken = entries.toSorted((a, b) => a.n - b.n).filter(({ n }, at) => n === at + 1);
    const last = isOwn ? unbroken.length - 1 : unbroken.findLastIndex(({ signature }) => signature !== undefined);
    const carried = unbroken.slice(0, last + 1);
    leftOut += entries.length - carried.length;
    if (carried.length === 0) continue;
    chains.push({
      deviceId,
      entries: carried.map(({ text }, at) => packEntry(text, carried[at - 1]?.hash)),
      heads: isOwn ? await signHeads(carried, signer) : knownHeads(carried),
    });
  }
  return { chains, leftOut };
};

/** A push holds 200 entries: a head so often, and at the end. */
const headEvery = 100;

const signHeads = (carried: readonly HeldEntry[], signer: DeviceSigner): Promise<FilmChain["heads"]> =>
  Promise.all(
    carried
      .filter(({ n }) => n % headEvery === 0 || n === carried.length)
      .map(async (head) => ({ n: head.n, signature: await signer.sign(headStatement(head)) })),
  );

const knownHeads = (carried: readonly HeldEntry[]): FilmChain["heads"] => {
  const heads: FilmChain["heads"] = [];
  for (const { n, signature } of carried) {
    const isDue = n === carried.length || n >= (heads.at(-1)?.n ?? 0) + headEvery;
    if (signature !== undefined && isDue) heads.push({ n, signature });
  }
  return heads;
};

/**
 * Reads a chain, and proves that its entries are linked from the first to a signed head at the end; undefined where they are not,
 * or where one is no entry of this chain. Whose signature is over the heads is for the caller to ask.
 */
export const unpackChain = async (recordId: string, chain: FilmChain): Promise<CarriedEntry[] | undefined> => {
  const { deviceId, heads } = chain;
  const carried: CarriedEntry[] = [];
  for (const [at, packed] of chain.entries.entries()) {
    const before = carried.at(-1)?.hash;
    const text = unpackEntry(packed, before);
    const { entry } = readEntry(text);
    if (entry === undefined || entry.deviceId !== deviceId || entry.recordId !== recordId) return undefined;
    if (entry.n !== at + 1 || entry.prev !== (before ?? null)) return undefined;
    carried.push({ id: entry.id, deviceId, n: entry.n, hash: await hashText(text), text });
  }
  for (const { n, signature } of heads) {
    const head = carried[n - 1];
    if (head === undefined) return undefined;
    head.signature = signature;
  }
  return carried.at(-1)?.signature === undefined ? undefined : carried;
};

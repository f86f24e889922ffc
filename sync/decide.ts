import type { Entry } from "#domain/entry/entry.ts";
import type { HeadsRequest } from "#protocol/heads.ts";
import type { Need, PushAnswer, QuarantineCode } from "#protocol/push.ts";
import type { GroupView } from "./group-view.ts";
import type { NewLine, RecordHeads } from "./store.ts";

/** One entry of a pushed run, hashed and read. `n` is its place as the signed head counts it. */
export interface Item {
  text: string;
  hash: string;
  n: number;
  entry: Entry | undefined;
  code: QuarantineCode | undefined;
  prev: string | null | undefined;
}

/** A pushed run whose signature has been checked; `code` says what is wrong with it as a whole. */
export interface CheckedRun {
  deviceId: string;
  recordId: string;
  items: Item[];
  signature: string;
  code: "bad-signature" | "unknown-device" | "revoked-device" | "awaiting-check" | undefined;
}

/** Something that an honest device does not do. Never holds the content of an entry. */
export interface SecurityEvent {
  code: QuarantineCode;
  deviceId: string;
  recordId: string;
  n: number;
  hash: string;
}

/** A line-to-be points at its answer, because the position is known only after the commit. */
export interface Decision {
  answers: PushAnswer[];
  lines: { line: NewLine; answer: PushAnswer }[];
  need: Need[];
  events: SecurityEvent[];
}

/**
 * Decides one run against what is committed and what the runs before it in the same group add; `view` is brought up to date.
 * Nothing here looks at a time, or at what a body says.
 */
export const decideRun = (view: GroupView, run: CheckedRun): Decision => {
  const decision: Decision = { answers: [], lines: [], need: [], events: [] };
  const chain = view.chain(run.recordId, run.deviceId);
  const linked = run.code !== undefined || isLinked(run);
  for (const [i, item] of run.items.entries()) {
    if (chain.hashAt(item.n) === item.hash) {
      decision.answers.push({ hash: item.hash, answer: "duplicate" });
      continue;
    }
    if (!linked) {
      // The head's signature does not reach the entries before the break, and either side of it may be the changed one.
      // Sent again one by one, each under its own signature, they show which.
      decision.answers.push({ hash: item.hash, answer: "retry", code: "prev-mismatch" });
      if (i === 0) decision.events.push(eventOf(run, item, "prev-mismatch"));
      continue;
    }
    const code = run.code ?? item.code ?? faultOf(view, chain, run, i);
    if (code === undefined && view.hashOfId(item.entry!.id) === item.hash) {
      decision.answers.push({ hash: item.hash, answer: "duplicate" });
      continue;
    }
    if (code === undefined) accept(view, chain, run, item, i === run.items.length - 1, decision);
    else quarantine(view, run, item, code, decision);
  }
  if (run.code === undefined && linked) addNeed(view, chain, run, decision);
  return decision;
};

type ChainView = ReturnType<GroupView["chain"]>;

const isLinked = (run: CheckedRun): boolean =>
  run.items.every((item, i) => i === 0 || item.prev === run.items[i - 1]!.hash);

const faultOf = (view: GroupView, chain: ChainView, run: CheckedRun, i: number): QuarantineCode | undefined => {
  const { entry, n, hash } = run.items[i]!;
  if (!entry || entry.deviceId !== run.deviceId || entry.recordId !== run.recordId || entry.n !== n)
    return "wrong-chain";
  if (chain.hashAt(n) !== undefined) return "chain-forked";
  const before = chain.hashAt(n - 1);
  if ((n === 1) !== (entry.prev === null) || (before !== undefined && before !== entry.prev)) return "prev-mismatch";
  const wanted = chain.wantedAt(n);
  if (wanted !== undefined && wanted !== hash) return "prev-mismatch";
  const sameId = view.hashOfId(entry.id);
  return sameId !== undefined && sameId !== hash ? "id-reused" : undefined;
};

const accept = (
  view: GroupView,
  chain: ChainView,
  run: CheckedRun,
  item: Item,
  isHead: boolean,
  decision: Decision,
): void => {
  const answer: PushAnswer = { hash: item.hash, answer: "accepted" };
  decision.answers.push(answer);
  decision.lines.push({ line: lineOf(run, item, isHead, undefined), answer });
  chain.add(item.n, item.hash, item.entry!.prev);
  view.addId(item.entry!.id, item.hash);
};

const quarantine = (view: GroupView, run: CheckedRun, item: Item, code: QuarantineCode, decision: Decision): void => {
  const answer: PushAnswer = { hash: item.hash, answer: "quarantined", code };
  decision.answers.push(answer);
  // Kept once, however often it is pushed.
  if (view.isQuarantined(run.recordId, item.hash)) return;
  decision.lines.push({ line: lineOf(run, item, true, code), answer });
  view.addQuarantined(run.recordId, item.hash);
  if (code === "unreadable" || code === "too-large" || code === "awaiting-check") return;
  // A tablet may come back with a shift's entries: one event a run says as much as one an entry.
  if (code === "revoked-device" && decision.events.length > 0) return;
  decision.events.push(eventOf(run, item, code));
};

const lineOf = (run: CheckedRun, item: Item, isHead: boolean, code: QuarantineCode | undefined): NewLine => ({
  recordId: run.recordId,
  deviceId: run.deviceId,
  hash: item.hash,
  text: item.text,
  signature: isHead ? run.signature : undefined,
  entry: code === undefined ? item.entry! : null,
  quarantine: code,
});

const eventOf = (run: CheckedRun, item: Item, code: QuarantineCode): SecurityEvent => ({
  code,
  deviceId: run.deviceId,
  recordId: run.recordId,
  n: item.n,
  hash: item.hash,
});

/** What is lacking right before the run. A quarantined predecessor is not lacking: its bytes are here. */
const addNeed = (view: GroupView, chain: ChainView, run: CheckedRun, decision: Decision): void => {
  const first = run.items[0]!;
  let to = first.n - 1;
  if (to > 0 && typeof first.prev === "string" && view.isQuarantined(run.recordId, first.prev)) to--;
  let from = to + 1;
  while (from > 1 && chain.hashAt(from - 1) === undefined) from--;
  if (from <= to) decision.need.push({ deviceId: run.deviceId, recordId: run.recordId, from, to });
};

/** What of a chain, up to the head that a device offers, is not committed here (refill). */
export const lackingOf = (heads: RecordHeads | undefined, offered: HeadsRequest["heads"][number]): Need[] => {
  const { deviceId, recordId, n } = offered;
  const chain = heads?.chains.get(deviceId) ?? [];
  const need: Need[] = [];
  const lacks = (from: number, to: number): void => {
    const open = need.at(-1);
    if (open && open.to === from - 1) open.to = to;
    else need.push({ deviceId, recordId, from, to });
  };
  for (let i = 1; i <= n && i < chain.length; i++) if (chain[i] === undefined) lacks(i, i);
  // What an offer names beyond the chain costs no walk, however many such offers one message holds.
  const beyond = Math.max(1, chain.length);
  if (beyond <= n) lacks(beyond, n);
  return need;
};

import type { Entry } from "./entry.ts";

/** Longest list of versions that one line carries; a longer chain keeps the newest. Only an attack gets there. */
export const versionsMax = 200;
const slipReason = "slip";

export interface Strikes {
  /** Struck entry id → the strike to show: the first in display order, one with a real reason before a slip. */
  struckBy: Map<string, Entry>;
  /** Strikes whose target is not among the entries (yet). */
  pending: Entry[];
}

/**
 * Struck entry id → what brought it back: the newest strike of its strike, the first in display order. Undoing one's own strike
 * brings nothing back that anybody else took away, and is not among them.
 */
export const broughtBackBy = (strikes: readonly Entry[], struckBy: ReadonlyMap<string, Entry>): Map<string, Entry> => {
  const back = new Map<string, Entry>();
  for (const strike of strikes) {
    const [target, undoing] = [targetOf(strike), struckBy.get(strike.id)];
    if (target === undefined || undoing === undefined || undoing.author.userId === strike.author.userId) continue;
    const known = back.get(target);
    if (known === undefined || known.occurredAt < undoing.occurredAt) back.set(target, undoing);
  }
  return back;
};

export const isSlip = (strike: Entry | undefined): boolean => strike?.ref?.reason === slipReason;

/**
 * Which entries are struck, in linear time. A strike that is itself effectively struck strikes nothing. Strikes that
 * strike each other in a ring (only hostile input does) decide nothing: their targets stand, because what is shown
 * wrongly can be struck again, and what is hidden wrongly is not missed.
 *
 * @param strikes in display order
 */
export const resolveStrikes = (strikes: readonly Entry[], has: (id: string) => boolean): Strikes => {
  const pending: Entry[] = [];
  const strikeById = new Map(strikes.map((strike) => [strike.id, strike]));
  const undecided = new Map<string, number>();
  for (const strike of strikes) {
    const target = targetOf(strike);
    if (target === undefined) continue;
    if (!has(target)) pending.push(strike);
    undecided.set(target, (undecided.get(target) ?? 0) + 1);
  }
  const struckBy = new Map<string, Entry>();
  const effective = strikes.filter((strike) => !undecided.has(strike.id));
  for (let strike = effective.pop(); strike !== undefined; strike = effective.pop()) {
    const target = targetOf(strike);
    if (target === undefined) continue;
    const shown = struckBy.get(target);
    struckBy.set(target, shown === undefined ? strike : better(shown, strike));
    if (shown !== undefined) continue;
    const struck = strikeById.get(target);
    const freed = struck && targetOf(struck);
    if (freed === undefined || freed === target) continue;
    const left = undecided.get(freed)! - 1;
    undecided.set(freed, left);
    const freedStrike = strikeById.get(freed);
    if (left === 0 && freedStrike !== undefined && !struckBy.has(freed)) effective.push(freedStrike);
  }
  return { struckBy, pending };
};

/** Undefined for a strike without a target and for one that names itself. */
const targetOf = (strike: Entry): string | undefined =>
  strike.ref?.rel === "strikes" && strike.ref.id !== strike.id ? strike.ref.id : undefined;

const better = (a: Entry, b: Entry): Entry => {
  if (isSlip(a) !== isSlip(b)) return isSlip(a) ? b : a;
  const first = a.occurredAt < b.occurredAt || (a.occurredAt === b.occurredAt && a.id < b.id);
  return first ? a : b;
};

export interface Versions {
  /** The effective amendments that replace this entry, at most `versionsMax`; empty: it stands. */
  amendedBy(id: string): Entry[];
  /** Earlier versions, oldest first, at most the newest `versionsMax`. */
  historyOf(id: string): Entry[];
  /** Id of the first version: what all versions of one line share. */
  rootOf(id: string): string;
}

/**
 * Who amends whom. An amendment is of the same kind as what it amends and not struck; through a struck one the later
 * amendments still reach the earlier entry, so that one line never splits in two. Rings are cut: their members stand.
 *
 * @param counts says whether an entry may replace another one: it is not struck, and its body was understood.
 */
export const resolveVersions = (entries: readonly Entry[], counts: (entry: Entry) => boolean): Versions => {
  const parentOf = parentsWithoutRings(entries);
  const children = new Map<string, Entry[]>();
  for (const entry of entries) {
    const parent = parentOf.get(entry.id);
    if (parent === undefined) continue;
    const siblings = children.get(parent.id);
    if (siblings) siblings.push(entry);
    else children.set(parent.id, [entry]);
  }
  const family = rootsFirst(parentOf, children);
  const rootOf = new Map<string, string>();
  for (const entry of family) {
    const parent = parentOf.get(entry.id);
    rootOf.set(entry.id, parent ? rootOf.get(parent.id)! : entry.id);
  }
  const amendedBy = new Map<string, Entry[]>();
  for (const entry of family.reverse()) {
    const found: Entry[] = [];
    for (const child of children.get(entry.id) ?? []) {
      if (found.length >= versionsMax) break;
      if (counts(child)) found.push(child);
      else found.push(...amendedBy.get(child.id)!.slice(0, versionsMax - found.length));
    }
    amendedBy.set(entry.id, found);
  }
  return {
    amendedBy: (id) => amendedBy.get(id) ?? [],
    rootOf: (id) => rootOf.get(id) ?? id,
    historyOf: (id) => {
      const history: Entry[] = [];
      for (let at = parentOf.get(id); at && history.length < versionsMax; at = parentOf.get(at.id)) history.push(at);
      return history.reverse();
    },
  };
};

/** Id of each amendment → the entry it amends, without self-references, other kinds and rings. */
const parentsWithoutRings = (entries: readonly Entry[]): Map<string, Entry> => {
  const parentOf = new Map<string, Entry>();
  const amendments = entries.filter(({ id, ref }) => ref?.rel === "amends" && ref.id !== id);
  if (amendments.length === 0) return parentOf;
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  for (const amendment of amendments) {
    const parent = byId.get(amendment.ref!.id);
    if (parent?.kind === amendment.kind) parentOf.set(amendment.id, parent);
  }
  const walkOf = new Map<string, Entry>();
  for (const start of amendments) {
    let at: Entry | undefined = start;
    while (at && !walkOf.has(at.id)) {
      walkOf.set(at.id, start);
      at = parentOf.get(at.id);
    }
    // Met its own walk again: from here on it is a ring.
    while (at && walkOf.get(at.id) === start && parentOf.has(at.id)) {
      const next: Entry = parentOf.get(at.id)!;
      parentOf.delete(at.id);
      at = next;
    }
  }
  return parentOf;
};

/** Every entry that amends or is amended, each after what it amends. */
const rootsFirst = (parentOf: ReadonlyMap<string, Entry>, children: ReadonlyMap<string, Entry[]>): Entry[] => {
  const roots = new Set([...parentOf.values()].filter((parent) => !parentOf.has(parent.id)));
  const order = [...roots];
  for (let i = 0; i < order.length; i++) for (const child of children.get(order[i]!.id) ?? []) order.push(child);
  return order;
};

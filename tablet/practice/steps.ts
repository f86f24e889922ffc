/** The five steps of a practice, each ticked by what its record, its replica and its base's log really hold. */
import type { Link } from "#client/client.ts";
import type { CareRecord } from "#domain/record.ts";
import type { HeldState } from "#sync/store.ts";

export type Plug = "in" | "out";

/** A practice at one moment. */
export interface Look {
  record: CareRecord;
  /** Where each of its entries stands, by id. */
  states: ReadonlyMap<string, HeldState>;
  /** How often each entry stands in the practice base's log, by id. */
  atBase: ReadonlyMap<string, number>;
  plug: Plug;
  link: Link;
}

/** What earlier looks saw and a later one cannot. */
export interface Seen {
  /** Obs have come to the base. */
  logged: boolean;
  /** The tablet itself found that nothing answers. */
  cut: boolean;
  /** Entries that were only on this tablet while the plug was out. */
  waited: ReadonlySet<string>;
}

export const nothingSeen: Seen = { logged: false, cut: false, waited: new Set() };

export interface Part {
  words: string;
  done: boolean;
}

export interface Step {
  title: string;
  parts: readonly Part[];
  done: boolean;
}

export const observe = (seen: Seen, look: Look): Seen => {
  const { record, states, plug, link } = look;
  const waiting = plug === "out" ? [...states].filter(([, { at }]) => at === "waiting").map(([id]) => id) : [];
  const waited = new Set([...seen.waited, ...waiting]);
  const logged = seen.logged || record.observations.some(({ entry }) => isAtBase(look, entry.id));
  return { logged, cut: seen.cut || (logged && plug === "out" && link === "unreachable"), waited };
};

export const stepsOf = (seen: Seen, look: Look): readonly Step[] => {
  const { record, plug } = look;
  const { logged, cut, waited } = seen;
  const hasWaited = ({ entry }: { entry: { id: string } }) => waited.has(entry.id);
  const obs = cut && record.observations.some(hasWaited);
  const drug = cut && record.drugs.some(hasWaited);
  const { handover } = record;
  const handedOver = cut && handover?.body.receiverName !== undefined && hasWaited(handover);
  const isBack = obs && drug && handedOver && plug === "in";
  const { lost, twice } = countsOf(seen, look);
  return [
    step("Log a set of obs", [
      { words: "A record is there", done: record.lines.length > 0 },
      { words: "Take a set of obs", done: record.observations.length > 0 },
      { words: "They show: At the base", done: logged },
    ]),
    step("Pull the plug", [
      { words: "Pull the plug of the base", done: cut || (logged && plug === "out") },
      { words: "The top line says: No connection", done: cut },
    ]),
    step("Carry on with no base", [
      { words: "Take obs: they show On this tablet", done: obs },
      { words: "Give a drug: it shows On this tablet", done: drug },
    ]),
    step("Hand over with no server", [{ words: "Open Handover, and record the receiver's name", done: handedOver }]),
    step("Put the plug back", [
      { words: "Put the plug back", done: isBack },
      { words: "Every entry is at the base", done: isBack && lost === 0 },
      { words: "None is there twice", done: isBack && lost === 0 && twice === 0 },
    ]),
  ];
};

const step = (title: string, parts: readonly Part[]): Step => ({ title, parts, done: parts.every(({ done }) => done) });

/** Acknowledged by the base, and in its log. */
const isAtBase = ({ states, atBase }: Look, id: string): boolean =>
  states.get(id)?.at === "acknowledged" && atBase.has(id);

export interface Counts {
  entries: number;
  /** Entries that had to wait, and how many of these have come. */
  waited: number;
  arrived: number;
  /** Entries of the record that the base lacks, or has more than once. */
  lost: number;
  twice: number;
}

export const countsOf = ({ waited }: Seen, look: Look): Counts => {
  const ids = [...look.states.keys()];
  return {
    entries: ids.length,
    waited: waited.size,
    arrived: [...waited].filter((id) => isAtBase(look, id)).length,
    lost: ids.filter((id) => !isAtBase(look, id)).length,
    twice: ids.filter((id) => (look.atBase.get(id) ?? 0) > 1).length,
  };
};

/** What to do next, in a few words; null when all is done. */
export const nextOf = (steps: readonly Step[], plug: Plug): { number: number; title: string; words: string } | null => {
  const at = steps.findIndex(({ done }) => !done);
  const next = steps[at];
  if (next === undefined) return null;
  const isCutStep = at === 2 || at === 3;
  const words =
    isCutStep && plug === "in" ? "The plug is in: pull it again first" : next.parts.find(({ done }) => !done)!.words;
  return { number: at + 1, title: next.title, words };
};

/** `4:07`. */
export const tookWords = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

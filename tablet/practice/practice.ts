import type { Client, Link } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import { type CareRecord, fold } from "#domain/record.ts";
import { readEntry } from "#sync/envelope.ts";
import { newRecord } from "../record/new-record.ts";
import type { Shift } from "../shift.ts";
import { invented } from "./invented.ts";
import { createPracticeClient, type PracticeClient } from "./practice-client.ts";
import { type Counts, countsOf, type Look, nothingSeen, observe, type Plug, type Step, stepsOf } from "./steps.ts";

/** How far a practice is; a new object for each change. */
export interface Progress {
  plug: Plug;
  link: Link;
  steps: readonly Step[];
  counts: Counts;
  /** Once every step is done: how long it took, and what had happened by then. */
  result: { tookMs: number; counts: Counts } | null;
}

export interface Practice extends PracticeClient {
  recordId: string;
  subscribe: (listener: () => void) => () => void;
  getProgress: () => Progress;
  /** Ends it: nothing of it is left but what a screen still holds. */
  close: () => void;
}

let running = 0;
/** Whether a practice is on the screen: meanwhile no new build of the app takes over. */
export const practiceIsRunning = (): boolean => running > 0;

/** Begins a practice: a base, a tablet and a record that are in this page's memory and nowhere else. */
export const openPractice = async (real: Client, shift: Shift, author: Author): Promise<Practice> => {
  const parts = await createPracticeClient(real);
  const { client, enrolment } = parts;
  const recordId = await newRecord({ client, enrolment, shift, author });
  for (const [kind, body] of Object.entries(invented)) await client.replica.write({ recordId, kind, body, author });

  const startedAtMs = Date.now();
  const listeners = new Set<() => void>();
  let seen = nothingSeen;
  let progress = progressOf(await lookAt(parts, recordId), null);
  let closed = false;
  running++;

  function progressOf(look: Look, before: Progress["result"]): Progress {
    seen = observe(seen, look);
    const [steps, counts] = [stepsOf(seen, look), countsOf(seen, look)];
    const result = before ?? (steps.every(({ done }) => done) ? { tookMs: Date.now() - startedAtMs, counts } : null);
    return { plug: look.plug, link: look.link, steps, counts, result };
  }

  // One look after another: what an earlier one saw must not come after what a later one did.
  let looking = Promise.resolve();
  const look = (): void => {
    looking = looking.then(async () => {
      if (closed) return;
      progress = progressOf(await lookAt(parts, recordId), progress.result);
      for (const listener of listeners) listener();
    });
  };
  const stops = [client.replica.onChange(look), client.subscribe(look)];

  return {
    ...parts,
    recordId,
    setPlug: (plug) => {
      parts.setPlug(plug);
      look();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getProgress: () => progress,
    close: () => {
      if (closed) return;
      closed = true;
      running--;
      for (const stop of stops) stop();
      void client.close();
    },
  };
};

const lookAt = async ({ client, base }: PracticeClient, recordId: string): Promise<Look> => {
  const held = await client.replica.entries(recordId);
  const record: CareRecord = fold(held.flatMap(({ text }) => readEntry(text).entry ?? []));
  return {
    record,
    states: new Map(held.map(({ id, state }) => [id, state])),
    atBase: base.counts(),
    plug: base.plug(),
    link: client.getSnapshot().link,
  };
};

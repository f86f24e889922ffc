import * as z from "zod/mini";
import { finishProvider, startProvider } from "#client/sign-in.ts";
import type { Cell } from "../cells/cell.ts";
import { oneAtATime } from "./places.ts";

/** Where a provider sends the browser back to. */
export const returnPath = "/sign-in/return";

/** A way to the provider and back, once for each trust; the first asks the person, the others find them remembered. */
const trip = z.object({
  /** The trust that the browser is away for, then those still to come. */
  trusts: z.array(z.string()),
  /** Where the person was on this screen. */
  from: z.string(),
  faults: z.array(z.string()),
});
type Trip = z.infer<typeof trip>;

const key = "holdfast.provider-trip";

/** Leaves the page, with a `code` for the one trust that gave it. Rejects where no trust's provider can be reached, with what each said. */
export const leaveForProvider = (
  cells: readonly Cell[],
  trusts: readonly string[],
  from: string,
  code?: string,
): Promise<void> =>
  leave(cells, { trusts: [...trusts], from, faults: [] }, true, code).then((trip) => {
    if (trip) throw new Error(trip.faults.join(" ") || "There is nobody to sign in with.");
  });

/**
 * Takes the provider's answer for one trust, and leaves for the next. Resolves to what to show once the last is done; null
 * while the browser is on its way out.
 */
export const comeBack = async (
  cells: readonly Cell[],
  query: string,
): Promise<Pick<Trip, "from" | "faults"> | null> => {
  const going = read();
  sessionStorage.removeItem(key);
  if (going === null) return { from: "/", faults: ["This sign-in was not begun on this screen. Begin again."] };
  const [now = "", ...rest] = going.trusts;
  const faults = [...going.faults];
  const cell = cellOf(cells, now);
  if (cell)
    await oneAtATime(cells, () => finishProvider(cell.client.signInPlace, query)).catch((failure) => {
      faults.push(wordsOf(cell, failure));
    });
  // Whom the first trust did not let in, the others need not be asked about.
  return leave(cells, { ...going, trusts: faults.length > going.faults.length ? [] : rest, faults }, false);
};

/** On to the first trust that answers; resolves to the trip where none is left. */
const leave = async (cells: readonly Cell[], trip: Trip, again: boolean, code?: string): Promise<Trip | null> => {
  const faults = [...trip.faults];
  for (const [index, trust] of trip.trusts.entries()) {
    const cell = cellOf(cells, trust);
    if (!cell) continue;
    try {
      const url = await startProvider(cell.client.signInPlace, again, code);
      // A code is one trust's: that the others do not know it is no fault, and they are signed in to another time.
      const next =
        code === undefined
          ? { ...trip, trusts: trip.trusts.slice(index), faults }
          : { ...trip, trusts: [trip.trusts[index]!] };
      sessionStorage.setItem(key, JSON.stringify(next));
      location.assign(url);
      return null;
    } catch (failure) {
      faults.push(wordsOf(cell, failure));
    }
  }
  return { ...trip, faults };
};

const read = (): Trip | null => {
  try {
    return trip.safeParse(JSON.parse(sessionStorage.getItem(key) ?? "null")).data ?? null;
  } catch {
    return null;
  }
};

const cellOf = (cells: readonly Cell[], trust: string): Cell | undefined =>
  cells.find((cell) => {
    const { endpoint, client } = cell.getSnapshot();
    return endpoint.trust === trust && client.phase === "ready";
  });

const wordsOf = (cell: Cell, failure: unknown): string =>
  `${cell.getSnapshot().endpoint.name}: ${failure instanceof Error ? failure.message : "it did not answer."}`;

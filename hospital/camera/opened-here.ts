import type { Cell } from "../cells/cell.ts";

/** So long whoever stands at the screen may look at what its camera has just been shown. */
const shownMs = 30 * 60_000;
const opened = new Map<string, number>();
const keyOf = (cell: Cell, recordId: string): string => `${cell.getSnapshot().endpoint.trust}/${recordId}`;

/**
 * Records that a tablet was held to this screen for. Where the base can be reached people sign in as ever; where it cannot, nobody
 * can, and a handover waits for no server. Forgotten with the page.
 */
export const openedHere = {
  note(cell: Cell, recordId: string): void {
    opened.set(keyOf(cell, recordId), Date.now());
  },
  mayOpen(cell: Cell, recordId: string): boolean {
    const at = opened.get(keyOf(cell, recordId));
    return !cell.getSnapshot().live && at !== undefined && Date.now() - at < shownMs;
  },
};

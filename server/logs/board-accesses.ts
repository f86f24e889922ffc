import type { Principal } from "../identity/identity.ts";
import { type Access, accessor } from "./access-line.ts";
import type { AccessLog } from "./access-log.ts";

/**
 * A board is logged when it opens and when its set of patients changes, not at each poll. The first line names all its
 * patients and a later one those who came, so that a line costs what is new in it.
 */
export interface BoardAccesses {
  /** Resolves once what the board is about to show is in the log. */
  shown(principal: Principal, recordIds: readonly string[]): Promise<void>;
}

/** A board that stays open is logged anew after this, whole: whoever asks what was on it reads back no further. */
export const boardReopensMs = 3_600_000;
const boardsMax = 5_000;

interface Board {
  openedMs: number;
  recordIds: ReadonlySet<string>;
}

/** What an arrivals board is shown as; another list that a screen asks for again and again says what it is. */
const arrivalsBoard = { action: "arrivals", purpose: "direct-care", relation: "site" } as const;

export const boardAccesses = (
  access: AccessLog,
  nowMs: () => number = Date.now,
  shownAs: Pick<Access, "action" | "purpose" | "relation"> = arrivalsBoard,
): BoardAccesses => {
  /** By device and person. Lost at a restart, when every board opens anew. */
  const boards = new Map<string, Board>();
  return {
    shown: async (principal, recordIds) => {
      const key = `${principal.deviceId} ${principal.person?.userId ?? ""} ${principal.sessionId ?? ""}`;
      const known = boards.get(key);
      const isOpen = known !== undefined && nowMs() - known.openedMs < boardReopensMs;
      const before = isOpen ? known.recordIds : new Set<string>();
      const now = new Set(recordIds);
      const came = [...now].filter((recordId) => !before.has(recordId));
      const isSame = isOpen && came.length === 0 && now.size === before.size;
      if (isSame) return;
      await access.write({
        ...accessor(principal),
        ...shownAs,
        recordIds: came,
        detail: `${isOpen ? "changed" : "opened"}, ${now.size} shown`,
      });
      boards.delete(key);
      if (boards.size >= boardsMax) boards.delete(boards.keys().next().value!);
      boards.set(key, { openedMs: isOpen ? known.openedMs : nowMs(), recordIds: now });
    },
  };
};

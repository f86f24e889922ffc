import { useCallback, useEffect, useState } from "react";
import type { Client } from "#client/client.ts";
import type { Author, Entry } from "#domain/entry/entry.ts";
import { versionsToStrike } from "#domain/entry/struck.ts";
import type { CareRecord } from "#domain/record.ts";
import type { HeldEntry } from "#sync/store.ts";
import type { RecordSession } from "./session.tsx";
import { saveDraft } from "./unsaved.ts";

/** How long the undo is offered. Afterwards there is the strike. */
const undoMs = 5_000;

export interface Undo {
  id: string;
  words: string;
}

export interface Writer extends Pick<RecordSession, "write"> {
  /** Strikes these versions in their order; undefined where one of them was not saved. */
  strike: (versions: readonly Entry[], reason: string) => Promise<HeldEntry | undefined>;
  undo: Undo | null;
  /** Takes back what the undo names, and what has amended it since. */
  takeBack: (record: CareRecord) => Promise<void>;
}

/** The one way a screen writes: through the replica, durable before it counts as saved, kept in memory if it is not. */
export const useWriter = (client: Client, recordId: string, author: Author): Writer => {
  const [undo, setUndo] = useState<Undo | null>(null);

  const write = useCallback<RecordSession["write"]>(
    async (kind, body, options = {}) => {
      const { occurredAt, blobs, amends, undo: words } = options;
      const saved = await saveDraft(client, {
        recordId,
        kind,
        body: body as Record<string, unknown>,
        author,
        ...(occurredAt === undefined ? {} : { occurredAt }),
        ...(blobs === undefined ? {} : { blobs }),
        ...(amends === undefined ? {} : { ref: { rel: "amends" as const, ...amends } }),
      });
      if (saved !== undefined && words !== undefined) setUndo({ id: saved.id, words });
      return saved;
    },
    [client, recordId, author],
  );

  const strike = useCallback<Writer["strike"]>(
    async (versions, reason) => {
      let all: HeldEntry | undefined;
      for (const [at, { id }] of versions.entries()) {
        const ref = { rel: "strikes" as const, id, reason };
        const saved = await saveDraft(client, { recordId, kind: "strike", body: {}, author, ref });
        all = at === 0 || all !== undefined ? saved : undefined;
      }
      return all;
    },
    [client, recordId, author],
  );

  useEffect(() => {
    if (undo === null) return;
    const timer = setTimeout(() => setUndo(null), undoMs);
    return () => clearTimeout(timer);
  }, [undo]);

  const takeBack = useCallback<Writer["takeBack"]>(
    async (record) => {
      if (undo === null) return;
      setUndo(null);
      const signature = record.coSignatures.find(({ id }) => id === undo.id);
      if (signature !== undefined) return void (await strike([signature], "slip"));
      const line = record.lines.find(
        ({ state, entry, history }) =>
          state === "current" && (entry.id === undo.id || history.some(({ id }) => id === undo.id)),
      );
      if (line !== undefined) await strike(versionsToStrike(record, line), "slip");
    },
    [undo, strike],
  );

  return { write, strike, undo, takeBack };
};

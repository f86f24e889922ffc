import { useCallback, useEffect, useState } from "react";
import type { Client } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import type { Draft } from "#sync/ports.ts";
import { NotSaved } from "#sync/replica.ts";
import type { HeldEntry } from "#sync/store.ts";
import type { RecordSession } from "./session.tsx";
import { type Unsaved, unsavedWords } from "./unsaved.ts";

/** How long the undo is offered. Afterwards there is the strike. */
const undoMs = 5_000;

export interface Undo {
  id: string;
  words: string;
}

export interface Writer extends Pick<RecordSession, "write" | "strike"> {
  undo: Undo | null;
  takeBack: () => Promise<void>;
  unsaved: readonly Unsaved[];
  /** Tries to save what was not saved. */
  again: () => Promise<void>;
  /** Sends past the store what was not saved; what the base took is no longer unsaved. */
  pushPast: () => Promise<void>;
}

/** The one way a screen writes: through the replica, durable before it counts as saved, kept in memory if it is not. */
export const useWriter = (client: Client, recordId: string, author: Author): Writer => {
  const [undo, setUndo] = useState<Undo | null>(null);
  const [unsaved, setUnsaved] = useState<readonly Unsaved[]>([]);

  const save = useCallback(
    async (draft: Draft): Promise<HeldEntry | undefined> => {
      try {
        return await client.replica.write(draft);
      } catch (error) {
        const text = error instanceof NotSaved ? error.text : undefined;
        setUnsaved((before) => [...before, { what: unsavedWords(draft.kind), draft, text }]);
        return undefined;
      }
    },
    [client],
  );

  const write = useCallback<RecordSession["write"]>(
    async (kind, body, options = {}) => {
      const { occurredAt, blobs, amends, undo: words } = options;
      const saved = await save({
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
    [save, recordId, author],
  );

  const strike = useCallback<RecordSession["strike"]>(
    (entry, reason) =>
      save({ recordId, kind: "strike", body: {}, author, ref: { rel: "strikes", id: entry.id, reason } }),
    [save, recordId, author],
  );

  useEffect(() => {
    if (undo === null) return;
    const timer = setTimeout(() => setUndo(null), undoMs);
    return () => clearTimeout(timer);
  }, [undo]);

  const takeBack = useCallback(async () => {
    if (undo === null) return;
    setUndo(null);
    await strike(undo, "slip");
  }, [undo, strike]);

  const again = useCallback(async () => {
    const waiting = unsaved;
    setUnsaved([]);
    for (const one of waiting) await save(one.draft);
  }, [unsaved, save]);

  const pushPast = useCallback(async () => {
    for (const one of unsaved) {
      const taken = one.text !== undefined && (await client.pushUnsaved(one.text).catch(() => false));
      if (taken) setUnsaved((before) => before.filter((other) => other !== one));
    }
  }, [unsaved, client]);

  return { write, strike, undo, takeBack, unsaved, again, pushPast };
};

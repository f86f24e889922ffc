import { useCallback, useEffect, useState } from "react";
import type { Client } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import type { RecordSession } from "./session.tsx";
import { saveDraft } from "./unsaved.ts";

/** How long the undo is offered. Afterwards there is the strike. */
const undoMs = 5_000;

export interface Undo {
  id: string;
  words: string;
}

export interface Writer extends Pick<RecordSession, "write" | "strike"> {
  undo: Undo | null;
  takeBack: () => Promise<void>;
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

  const strike = useCallback<RecordSession["strike"]>(
    ({ id }, reason) =>
      saveDraft(client, { recordId, kind: "strike", body: {}, author, ref: { rel: "strikes", id, reason } }),
    [client, recordId, author],
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

  return { write, strike, undo, takeBack };
};

import { useEffect, useMemo, useState } from "react";
import type { Client, Enrolment } from "#client/client.ts";
import { type EarlierRecord, entriesOf, isOver } from "#client/earlier.ts";
import type { Author } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import type { HeldState } from "#sync/store.ts";
import { useNow } from "#ui/age.ts";
import type { Place } from "../../record/places.ts";
import { type RecordSession, SessionProvider } from "../../record/session.tsx";
import { saveDraft } from "../../record/unsaved.ts";
import { useSnapshot } from "../../shell/client-context.tsx";
import { ServiceFrame } from "../../shell/service-frame.tsx";
import type { Shift } from "../../shift.ts";
import { EarlierView } from "./earlier-view.tsx";
import "./earlier.css";

interface EarlierRecordProps {
  client: Client;
  enrolment: Enrolment;
  shift: Shift;
  author: Author;
  recordId: string;
  /** The open record from which it was looked up. */
  about: string | undefined;
  go: (place: Place) => void;
}

/** A record that was opened for a reason, from the copy that this tablet keeps for whoever opened it. */
export const EarlierRecordScreen = ({ client, enrolment, shift, author, recordId, about, go }: EarlierRecordProps) => {
  const toList = () => go({ at: "earlier", ...(about !== undefined && { about }) });
  const { person } = useSnapshot();
  const openedBy = person?.userId ?? "";
  const [kept, setKept] = useState<EarlierRecord | "gone" | null>(null);
  useEffect(() => {
    client.earlier.kept(openedBy).then(
      (all) => setKept(all.find((one) => one.recordId === recordId) ?? "gone"),
      () => setKept("gone"),
    );
  }, [client, recordId, openedBy]);

  const now = useNow(60_000);
  const opened = kept === null || kept === "gone" || isOver(kept.openedAtMs, now) ? undefined : kept;
  const why = opened?.yours === false ? opened.reason : undefined;
  const { userId } = author;
  // The base knows that the record came here; who looks at it here, and again, only this tablet knows.
  useEffect(() => {
    if (opened !== undefined) client.opened(recordId, author, why);
  }, [client, recordId, userId, opened, why]);

  const session = useMemo<RecordSession | null>(() => {
    if (opened === undefined) return null;
    const record = fold(entriesOf(opened));
    return {
      client,
      enrolment,
      shift,
      author,
      recordId,
      record,
      states: new Map(record.lines.map(({ entry }) => [entry.id, asHeld(opened)])),
      archived: new Set(),
      earlier: opened,
      write: neverHere,
      strike: neverHere,
      go: () => {},
      leave: go,
    };
  }, [opened, client, enrolment, shift, author, recordId, go]);

  /** Whoever takes over goes on in the record itself: an entry says so, and makes it this crew's. */
  const join = async (): Promise<void> => {
    if (opened === undefined) return;
    await client.earlier.join(opened);
    const body = { event: `${shift.callSign} joined this record`, detail: opened.reason };
    await saveDraft(client, { recordId, kind: "event", body, author });
    go({ at: "record", recordId, screen: "timeline" });
  };

  return (
    <div className="app">
      <ServiceFrame author={author} />
      {session === null ? (
        <main className="stack pad-in" aria-busy={kept === null}>
          {kept === null ? (
            <p>Opening the record …</p>
          ) : (
            <>
              <h1>This record is not kept here</h1>
              <p>It goes when the shift ends, and only the person who opened it reads it. Look it up again.</p>
              <button type="button" className="btn" onClick={toList}>
                Earlier records
              </button>
            </>
          )}
        </main>
      ) : (
        <SessionProvider value={session}>
          <EarlierView onBack={toList} onJoin={join} />
        </SessionProvider>
      )}
    </div>
  );
};

const asHeld = ({ server, cursor }: EarlierRecord): HeldState => ({
  at: "foreign",
  epoch: server.epoch,
  position: cursor.position,
});

/** No part of a read-only view offers to write; one that did would be a fault to hear of. */
const neverHere = (): Promise<never> => Promise.reject(new Error("A record that is opened to read is not written to."));

import { type ReactNode, useEffect, useMemo } from "react";
import type { Client, Enrolment } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import { versionsToStrike } from "#domain/entry/struck.ts";
import { DrugScreen } from "../screens/drug/drug-screen.tsx";
import { EcgScreen } from "../screens/ecg/ecg-screen.tsx";
import { FilmScreen } from "../screens/film/film-screen.tsx";
import { HandoverScreen } from "../screens/handover/handover-screen.tsx";
import { NoteScreen } from "../screens/note/note-screen.tsx";
import { ObsScreen } from "../screens/obs/obs-screen.tsx";
import { PatientScreen } from "../screens/patient/patient-screen.tsx";
import { PrealertScreen } from "../screens/prealert/prealert-screen.tsx";
import { PresentationScreen } from "../screens/presentation/presentation-screen.tsx";
import { inArrest } from "../screens/record/quick-tiles.ts";
import { RecordScreen } from "../screens/record/record-screen.tsx";
import { ServiceFrame } from "../shell/service-frame.tsx";
import { UndoBar } from "../shell/undo-bar.tsx";
import type { Shift } from "../shift.ts";
import { noteArrest } from "./arrest.ts";
import { useHeldRecord } from "./held-record.ts";
import type { Place } from "./places.ts";
import { home } from "./places.ts";
import { type RecordSession, SessionProvider } from "./session.tsx";
import { useWriter } from "./writer.ts";

interface OpenRecordProps {
  client: Client;
  enrolment: Enrolment;
  shift: Shift;
  author: Author;
  place: Extract<Place, { at: "record" }>;
  go: (place: Place) => void;
  onMenu: () => void;
  /** Of a practice: what stands over its screens in the place of the tablet's own strip. */
  practice?: ReactNode;
}

/** The record that is open: read from this device, written through one writer, drawn by the screen the address names. */
export const OpenRecord = (props: OpenRecordProps) => {
  const { client, enrolment, shift, author, place, go, onMenu, practice } = props;
  const { recordId, screen, detail } = place;
  const view = useHeldRecord(client.replica, recordId);
  const writer = useWriter(client, recordId, author);
  useEffect(() => {
    const replica = client.replica;
    void replica.setOpen(recordId, true).catch(() => undefined);
    return () => void replica.setOpen(recordId, false).catch(() => undefined);
  }, [client, recordId]);

  // Who opens it is who is signed in then; a change of what is known of the same person opens nothing anew.
  const { userId } = author;
  useEffect(() => client.opened(recordId, author), [client, recordId, userId]);

  const record = view?.record;
  const isPractice = practice !== undefined;
  useEffect(() => {
    // Nobody's arrest: it must not keep the tablet open, nor end a real one.
    if (record !== undefined && !isPractice) noteArrest(recordId, inArrest(record));
  }, [recordId, record, isPractice]);

  const session = useMemo<RecordSession | null>(
    () =>
      view && {
        client,
        enrolment,
        shift,
        author,
        recordId,
        record: view.record,
        states: view.states,
        archived: view.archived,
        write: writer.write,
        strike: (line, reason) => writer.strike(versionsToStrike(view.record, line), reason),
        go: (next, more) =>
          go({ at: "record", recordId, screen: next, ...(more === undefined ? {} : { detail: more }) }),
        leave: go,
      },
    [view, client, enrolment, shift, author, recordId, writer.write, writer.strike, go],
  );

  return (
    <div className="app">
      {practice ?? <ServiceFrame author={author} />}
      {session === null ? (
        <main className="stack pad-in" aria-busy="true">
          <p>Opening the record …</p>
        </main>
      ) : (
        <SessionProvider value={session}>
          {screen === "timeline" ? <RecordScreen onHome={() => go(home)} onMenu={onMenu} /> : null}
          {screen === "obs" ? <ObsScreen /> : null}
          {screen === "drug" ? <DrugScreen start={detail} /> : null}
          {screen === "note" ? <NoteScreen /> : null}
          {screen === "ecg" ? <EcgScreen /> : null}
          {screen === "patient" ? <PatientScreen part={detail === "allergies" ? "allergies" : "who"} /> : null}
          {screen === "presentation" ? <PresentationScreen /> : null}
          {screen === "prealert" ? <PrealertScreen /> : null}
          {screen === "handover" ? <HandoverScreen /> : null}
          {screen === "film" ? <FilmScreen /> : null}
          <UndoBar
            undo={screen === "timeline" ? writer.undo : null}
            onUndo={() => void writer.takeBack(session.record)}
          />
        </SessionProvider>
      )}
    </div>
  );
};

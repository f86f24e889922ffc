import { useCallback, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import { useRecord } from "#client/use-record.ts";
import { arrivalOf } from "#domain/handover/arrival-of.ts";
import { changedSinceAcceptance } from "#domain/handover/seen.ts";
import type { CareRecord } from "#domain/record.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { placesTaken, rowKey } from "../arrivals/board-rows.ts";
import { PlaceDialog } from "../arrivals/place-dialog.tsx";
import { useBoard } from "../arrivals/use-board.ts";
import type { Cell } from "../cells/cell.ts";
import { useCells } from "../cells/use-cells.ts";
import { AcceptDialog } from "../handover/accept-dialog.tsx";
import { createReceipts } from "../handover/receipts.ts";
import { writeAcceptance, writePlace } from "../handover/write.ts";
import { useBoardNow } from "../shell/clock.tsx";
import { Faults } from "../shell/faults.tsx";
import { ScreenFoot } from "../shell/screen-foot.tsx";
import { authorOf, personOf } from "../sign-in/person.ts";
import { ChangesBanner } from "./changes-banner.tsx";
import { PatientColumns } from "./patient-columns.tsx";
import { PatientHeader } from "./patient-header.tsx";
import { SeenCard } from "./seen-card.tsx";
import "../arrivals/board.css";
import "./patient.css";

const receipts = createReceipts();

/** One patient as the crew tells it, from the copy that this screen keeps. */
export const PatientScreen = ({ cell, recordId }: { cell: Cell; recordId: string }) => {
  const record = useRecord(cell.client.replica, recordId);
  if (record === null) return <Waiting words="Opening the record…" />;
  if (record.lines.length === 0)
    return <Waiting words="This record has not reached this screen yet. It opens by itself as soon as it has." />;
  return <PatientView cell={cell} record={record} />;
};

const Waiting = ({ words }: { words: string }) => (
  <main className="centre">
    <div className="stack">
      <p role="status">{words}</p>
      <DemonstrationMark short />
      <Link href="/" className="button quiet">
        Arrivals
      </Link>
    </div>
  </main>
);

const PatientView = ({ cell, record }: { cell: Cell; record: CareRecord }) => {
  const { cells, snapshots } = useCells();
  const nowMs = useBoardNow(snapshots, 5000);
  const person = personOf(cell.client.getSnapshot().signedIn);
  // The base gave this screen the record when it came on the board; who opens it here, only this screen knows.
  const opener = person?.userId;
  useEffect(() => {
    cell.client.opened(record.recordId, person && authorOf(person));
  }, [cell.client, record.recordId, opener]);
  const { rows, byCamera, notAtBase } = useBoard(snapshots, nowMs);
  const key = rowKey(cell.getSnapshot().endpoint.trust, record.recordId);
  const byCameraAt = byCamera.get(key);
  const [asked, setAsked] = useState<"accept" | "place" | null>(null);
  const siteId = cell.getSnapshot().client.enrolment?.site?.siteId ?? "";
  const arrival = useMemo(() => arrivalOf(record), [record]);
  const changes = useMemo(() => changedSinceAcceptance(record, siteId), [record, siteId]);
  const changeById = useMemo(() => new Map(changes.map(({ line, change }) => [line.entry.id, change])), [changes]);

  const { client } = cell;
  const { films } = client;
  const { recordId } = record;
  const fetchBlob = useCallback((sha256: string) => client.blobs.get(recordId, sha256), [client, recordId]);
  // What changed after the acceptance is acknowledged by a press, never by a glance.
  const mayTell = person !== null && changes.length === 0;
  useEffect(() => {
    if (mayTell && document.visibilityState === "visible")
      void receipts(client, record.recordId, record.contentHeads, person);
  }, [client, record, person, mayTell]);

  return (
    <div className="patient-page">
      <PatientHeader
        record={record}
        arrival={arrival}
        nowMs={nowMs}
        siteId={siteId}
        notAtBase={notAtBase.get(key)}
        onAccept={() => setAsked("accept")}
        onPlace={() => setAsked("place")}
      />
      <main>
        <Faults snapshots={snapshots} cells={cells} />
        {byCameraAt !== undefined && (
          <p className="chip wait" role="status">
            ▲ Received by camera at {clockTimeSeenFrom(byCameraAt, nowMs)}, not from the base. What the crew writes
            since comes when the base is back.
          </p>
        )}
        <ChangesBanner
          record={record}
          changes={changes}
          person={person}
          nowMs={nowMs}
          onSeen={(who) => receipts(client, record.recordId, record.contentHeads, who)}
        />
        <PatientColumns record={record} nowMs={nowMs} fetchBlob={fetchBlob} films={films} changes={changeById}>
          <SeenCard client={client} record={record} nowMs={nowMs} />
        </PatientColumns>
      </main>
      <ScreenFoot nowMs={nowMs} />
      {asked === "place" && arrival && (
        <PlaceDialog
          arrival={arrival}
          taken={placesTaken(rows)}
          onClose={() => setAsked(null)}
          onChoose={(place) => writePlace(client, record.recordId, place, person)}
        />
      )}
      {asked === "accept" && arrival && (
        <AcceptDialog
          arrival={arrival}
          person={person}
          onClose={() => setAsked(null)}
          onAccept={(who, comment) => writeAcceptance(client, record.recordId, record.contentHeads, who, comment)}
        />
      )}
    </div>
  );
};

import { useState } from "react";
import { Link } from "wouter";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { ThemeChoice } from "#ui/theme-choice.tsx";
import { shortName } from "../cells/endpoints.ts";
import { useCells } from "../cells/use-cells.ts";
import { AcceptDialog } from "../handover/accept-dialog.tsx";
import { createReceipts } from "../handover/receipts.ts";
import { writeAcceptance, writePlace } from "../handover/write.ts";
import { Clock, useBoardNow } from "../shell/clock.tsx";
import { Connection } from "../shell/connection.tsx";
import { Faults } from "../shell/faults.tsx";
import { personOf, usePerson } from "../sign-in/person.ts";
import { PersonButton } from "../sign-in/person-button.tsx";
import { type BoardRow, placesTaken, type Section } from "./board-rows.ts";
import { BoardTable } from "./board-table.tsx";
import { Gone, HandedOver } from "./leaving.tsx";
import { PlaceDialog } from "./place-dialog.tsx";
import { useBoard } from "./use-board.ts";
import { useDisplayed } from "./use-displayed.ts";
import "./board.css";

const receipts = createReceipts();
const stepMs = 5000;

type Asked = { what: "place" | "accept"; row: BoardRow } | null;

/** All who are coming to one department, whichever service brings them. */
export const Board = () => {
  const { cells, snapshots } = useCells();
  const nowMs = useBoardNow(snapshots, stepMs);
  const { rows, notAtBase, byCamera } = useBoard(snapshots, nowMs);
  const person = usePerson();
  const [asked, setAsked] = useState<Asked>(null);
  useDisplayed(cells, [...rows.coming, ...rows.here], receipts);

  const clientOf = (row: BoardRow) => cells.find((cell) => cell.getSnapshot().endpoint.trust === row.trust)!.client;
  const personAt = (row: BoardRow) => personOf(clientOf(row).getSnapshot().signedIn);
  const site = snapshots.map(({ board, client }) => board?.site ?? client.enrolment?.site).find(Boolean);
  const changed = rows["handed-over"].filter(
    ({ arrival }) => arrival.changedSinceAcceptance > 0 && arrival.acceptedBy === person?.name,
  );
  const all = Object.values(rows).flat();
  const demonstrations = all.filter(({ arrival }) => arrival.demonstration).length;

  return (
    <div className="board-page">
      <header className="bar">
        <h1>{site?.name ?? "This site"} arrivals</h1>
        {demonstrations > 0 && <DemonstrationMark short />}
        <Summary rows={rows} />
        <span className="grow" />
        <Connection snapshots={snapshots} nowMs={nowMs} />
        <span className="row bar-end">
          <Link href="/camera" className="button quiet">
            Receive by camera
          </Link>
          {person !== null && (
            <Link href="/find" className="button quiet">
              Find another patient
            </Link>
          )}
          <PersonButton />
          <Clock snapshots={snapshots} />
        </span>
      </header>
      <main>
        <Faults snapshots={snapshots} cells={cells} />
        <Gone rows={rows.gone} />
        <BoardTable
          rows={rows}
          changed={changed}
          nowMs={nowMs}
          trustNames={new Map(snapshots.map(({ endpoint }) => [endpoint.trust, shortName(endpoint)]))}
          notAtBase={notAtBase}
          byCamera={byCamera}
          showName={person !== null}
          markDemonstrations={demonstrations < all.length}
          onPlace={(row) => setAsked({ what: "place", row })}
          onAccept={(row) => setAsked({ what: "accept", row })}
        />
        <HandedOver rows={rows["handed-over"]} notAtBase={notAtBase} nowMs={nowMs} />
      </main>
      <footer className="bar">
        <span className="soft">Every number has its age; one older than 15 minutes is called stale.</span>
        <span className="grow" />
        {demonstrations > 0 && <DemonstrationMark />}
        <ThemeChoice />
      </footer>
      {asked?.what === "place" && (
        <PlaceDialog
          arrival={asked.row.arrival}
          taken={placesTaken(rows)}
          onClose={() => setAsked(null)}
          onChoose={(place) => writePlace(clientOf(asked.row), asked.row.arrival.recordId, place, person)}
        />
      )}
      {asked?.what === "accept" && (
        <AcceptDialog
          arrival={asked.row.arrival}
          person={personAt(asked.row)}
          onClose={() => setAsked(null)}
          onAccept={(who, comment) =>
            writeAcceptance(clientOf(asked.row), asked.row.arrival.recordId, asked.row.arrival.heads, who, comment)
          }
        />
      )}
    </div>
  );
};

const Summary = ({ rows }: { rows: Record<Section, BoardRow[]> }) => {
  const resus = [...rows.coming, ...rows.here].filter(({ arrival }) => arrival.place?.area === "resus").length;
  return (
    <p className="summary">
      <span>
        <b>{rows.coming.length}</b> coming
      </span>
      <span>
        <b>{rows.here.length}</b> here, waiting
      </span>
      <span>
        <b>{resus}</b> for resus
      </span>
    </p>
  );
};

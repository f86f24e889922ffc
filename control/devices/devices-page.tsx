import { useState } from "react";
import { type DeviceChange, type DeviceRow, devicesResponse } from "#protocol/control/devices.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { Instant } from "../parts/instant.tsx";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { CodeDialog } from "./code-dialog.tsx";
import { changeWords, stateWords, zoneWords } from "./device-words.ts";
import { ReleaseDialog } from "./release-dialog.tsx";

type Doing =
  | { what: "change"; row: DeviceRow; to: DeviceChange["state"] }
  | { what: "history" | "release"; row: DeviceRow }
  | { what: "code" };

export const DevicesPage = () => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(devicesResponse, "/control/v1/devices", query), {
    sort: "name",
    order: "ascending",
  });
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => setDoing(null);

  const columns: Column<DeviceRow>[] = [
    { title: "Device", sort: "name", heads: true, cell: (row) => row.name },
    { title: "Where", sort: "zone", cell: (row) => `${zoneWords[row.zone]}${row.siteId ? `, ${row.siteId}` : ""}` },
    { title: "State", sort: "state", cell: (row) => <StateChip row={row} /> },
    { title: "Since", sort: "changed", cell: (row) => <Instant at={row.changed} /> },
    { title: "Last heard", sort: "heard", cell: (row) => (row.heard ? <Instant at={row.heard} /> : "never") },
    { title: "Holds what we lack", sort: "lacks", cell: (row) => <Lacks row={row} /> },
    {
      title: "Change",
      cell: (row) => (
        <span className="acts">
          {ways[row.state].map((to) => (
            <RowAct
              key={to}
              act={changeWords[to].short}
              of={row.name}
              onAct={() => setDoing({ what: "change", row, to })}
            />
          ))}
          {(row.waiting ?? 0) > 0 && (
            <RowAct
              act={`Release ${row.waiting}`}
              of={`entries of ${row.name}`}
              onAct={() => setDoing({ what: "release", row })}
            />
          )}
          <RowAct act="History" of={`of ${row.name}`} onAct={() => setDoing({ what: "history", row })} />
        </span>
      ),
    },
  ];

  const change = async ({ row, to }: { row: DeviceRow; to: DeviceChange["state"] }, reason: string) => {
    const body: DeviceChange = { state: to, reason, expected: row.position };
    await desk.change(changedResponse, `/control/v1/devices/${row.deviceId}`, body);
    table.refresh();
  };
  return (
    <>
      <div className="row">
        <h1 className="grow">Devices</h1>
        <button type="button" className="button" onClick={() => setDoing({ what: "code" })}>
          New device code
        </button>
      </div>
      <FindField label="Find a device" onFind={table.find} />
      <TableView
        caption="Devices of this trust"
        table={table}
        columns={columns}
        keyOf={(row) => row.deviceId}
        empty="No device is enrolled yet. Make a code for the first one."
      />
      {doing?.what === "change" && (
        <ChangeDialog
          title={`${changeWords[doing.to].long}: ${doing.row.name}`}
          action={changeWords[doing.to].long}
          onChange={(reason) => change(doing, reason)}
          onStale={table.refresh}
          onClose={done}
        >
          <p>{changeWords[doing.to].effect}</p>
        </ChangeDialog>
      )}
      {doing?.what === "history" && (
        <HistoryDialog
          title={`History of ${doing.row.name}`}
          path={`/control/v1/devices/${doing.row.deviceId}/history`}
          onClose={done}
        />
      )}
      {doing?.what === "release" && <ReleaseDialog row={doing.row} onDone={table.refresh} onClose={done} />}
      {doing?.what === "code" && <CodeDialog onClose={done} />}
    </>
  );
};

/** What a device can become from here: what was stolen never reads again, and what is retired enrols as a new device. */
const ways: Record<DeviceRow["state"], readonly DeviceChange["state"][]> = {
  active: ["lost", "stolen", "retired"],
  suspended: ["active", "lost", "stolen", "retired"],
  lost: ["active", "stolen", "retired"],
  stolen: ["retired"],
  retired: [],
};

/** Entries on the device that the base has not got: the reason not to wipe it. */
const Lacks = ({ row: { lacks, waiting } }: { row: DeviceRow }) => (
  <>
    {lacks !== undefined && lacks > 0 ? (
      <span className="chip wait">
        ▲ {lacks} {lacks === 1 ? "entry" : "entries"}
      </span>
    ) : (
      "nothing"
    )}
    {waiting !== undefined && waiting > 0 && <p className="faint">{waiting} wait here for release</p>}
  </>
);

const StateChip = ({ row }: { row: DeviceRow }) => (
  <span className={`chip ${row.state === "active" ? "ok" : row.state === "retired" ? "" : "alarm"}`}>
    {stateWords[row.state]}
  </span>
);

import type { Cell, CellSnapshot } from "../cells/cell.ts";

/** What this screen could not keep, said as loudly as it deserves, with the second way out. */
export const Faults = ({ snapshots, cells }: { snapshots: readonly CellSnapshot[]; cells: readonly Cell[] }) =>
  snapshots.map(({ endpoint, client }, index) =>
    client.failure === null ? null : (
      <div key={endpoint.trust} className="fault row" role="alert">
        <span className="grow">
          {endpoint.name}: {client.failure.message}
        </span>
        <button type="button" className="button" onClick={() => cells[index]?.client.syncNow()}>
          Send now
        </button>
        <button type="button" className="button quiet" onClick={() => cells[index]?.client.fileToKeep()}>
          Keep a file
        </button>
      </div>
    ),
  );

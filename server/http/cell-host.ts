import type { FastifyRequest } from "fastify";
import type { Cell } from "../cell.ts";
import type { CellZone } from "../trusts.ts";
import { ProblemError } from "./problem-error.ts";

export type Cells = ReadonlyMap<string, Cell>;

/** The cell that the Host header names, `crew.northmoor.localhost`; undefined for any other host. */
export const cellNamed = (cells: Cells, zone: CellZone, request: FastifyRequest): Cell | undefined => {
  const [label, trust, ...rest] = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase().split(".");
  const cell = label === zone && trust !== undefined ? cells.get(trust) : undefined;
  return cell && rest.join(".") === cell.domain ? cell : undefined;
};

/** The same; any other host is 421, and a server that was replaced 410. */
export const cellOf = (cells: Cells, zone: CellZone, request: FastifyRequest): Cell => {
  const cell = cellNamed(cells, zone, request);
  if (cell) {
    if (cell.isReplaced())
      throw new ProblemError(
        410,
        "fenced",
        "This server is the trust's base no more.",
        "Call the one that the officers made the base; this one is read for forensics.",
      );
    return cell;
  }
  throw new ProblemError(
    421,
    "unknown-host",
    "No trust is served under this host name.",
    `Address ${zone}.<trust>.${[...cells.values()][0]?.domain}, with <trust> one of ${[...cells.keys()].join(", ")}.`,
  );
};

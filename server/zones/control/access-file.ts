import { Readable } from "node:stream";
import type { AccessExport } from "#protocol/control/access.ts";
import { auditEventsOf } from "#sharing/fhir/audit-event.ts";
import type { Cell } from "../../cell.ts";
import type { AccessLine } from "../../logs/access-line.ts";
import type { AffectedRecord } from "../../logs/access-queries.ts";
import type { Reading } from "./access-routes.ts";
import { type CsvCells, csv } from "./csv.ts";
import type { Names } from "./history.ts";

const linesAtOnce = 500;

interface FileParts {
  cell: Pick<Cell, "trust" | "name">;
  read: Reading;
  /** Undefined where the question is about one record. */
  affected: (() => Promise<AffectedRecord[]>) | undefined;
  /** FHIR base URL that references start with. */
  base: string;
  names: Names;
}

/** The whole list, read while it is sent: it may be longer than what memory holds. */
export const accessFile = (
  format: AccessExport["format"],
  parts: FileParts,
): { type: string; name: string; body: Readable } => {
  const name = `access-${parts.cell.trust}-${new Date().toISOString().slice(0, 10)}`;
  if (format === "fhir")
    return { type: "application/fhir+json", name: `${name}.json`, body: Readable.from(bundle(parts)) };
  const rows = format === "csv" ? accessRows(parts) : affectedRows(parts);
  return { type: "text/csv; charset=utf-8", name: `${name}.csv`, body: Readable.from(csv(rows)) };
};

async function* linesOf(read: Reading): AsyncGenerator<AccessLine> {
  let before: string | undefined;
  for (;;) {
    const { lines, next } = await read(before, linesAtOnce);
    yield* lines;
    if (next === null) return;
    before = next;
  }
}

/** A collection of AuditEvents, written as it is read. */
async function* bundle({ cell, read, base }: FileParts): AsyncGenerator<string> {
  const context = { base, trust: { id: cell.trust, name: cell.name } };
  const timestamp = new Date().toISOString();
  const head = JSON.stringify({ resourceType: "Bundle", type: "collection", timestamp });
  yield `${head.slice(0, -1)},"entry":[`;
  let comma = "";
  for await (const line of linesOf(read)) {
    for (const resource of auditEventsOf(line, context)) {
      yield `${comma}${JSON.stringify({ fullUrl: `${base}/AuditEvent/${resource.id}`, resource })}`;
      comma = ",";
    }
  }
  yield "]}";
}

const columns: Record<string, (line: AccessLine, names: Names) => string | number | undefined> = {
  received: ({ received }) => received,
  "offline at": ({ offline }) => offline?.at,
  "noted at": ({ notedAt }) => notedAt,
  person: ({ person }) => person?.name,
  "user id": ({ person }) => person?.userId,
  roles: ({ person }) => person?.roles.join(" "),
  device: ({ deviceId }, names) => (deviceId === undefined ? undefined : names.device(deviceId)),
  "device id": ({ deviceId }) => deviceId,
  zone: ({ zone }) => zone,
  action: ({ action }) => action,
  purpose: ({ purpose }) => purpose,
  relation: ({ relation }) => relation,
  records: ({ recordIds }) => recordIds.join(" "),
  reason: ({ reason }) => reason,
  detail: ({ detail }) => detail,
  epoch: ({ epoch }) => epoch,
  position: ({ position }) => position,
};

async function* accessRows({ read, names }: FileParts): AsyncGenerator<CsvCells> {
  yield Object.keys(columns);
  const cells = Object.values(columns);
  for await (const line of linesOf(read)) yield cells.map((cell) => cell(line, names));
}

async function* affectedRows({ affected }: FileParts): AsyncGenerator<CsvCells> {
  yield ["record", "accesses", "first", "last"];
  for (const { recordId, accesses, first, last } of (await affected?.()) ?? []) yield [recordId, accesses, first, last];
}

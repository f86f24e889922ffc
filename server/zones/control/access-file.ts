import { Readable } from "node:stream";
import type { AccessExport } from "#protocol/control/access.ts";
import type { Cell } from "../../cell.ts";
import type { AccessLine } from "../../logs/access-line.ts";
import type { Actor } from "../../logs/control-log.ts";
import type { Reading } from "./access-routes.ts";

const linesAtOnce = 500;

export interface AccessFile {
  type: string;
  name: string;
  body: Readable;
}

/** The whole list, read while it is sent: it may be longer than what memory holds. */
export const accessFile = (
  format: AccessExport["format"],
  cell: Cell,
  read: Reading,
  nameOf: (by: Actor) => string,
): AccessFile => {
  const name = `access-${cell.trust}-${new Date().toISOString().slice(0, 10)}`;
  return { type: "text/csv; charset=utf-8", name: `${name}.csv`, body: Readable.from(csv(read, nameOf)) };
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

const columns = [
  "received",
  "offline at",
  "person",
  "user id",
  "roles",
  "device",
  "device id",
  "zone",
  "action",
  "purpose",
  "relation",
  "records",
  "reason",
  "detail",
  "epoch",
  "position",
];

async function* csv(read: Reading, nameOf: (by: Actor) => string): AsyncGenerator<string> {
  yield `${columns.join(",")}\r\n`;
  for await (const line of linesOf(read)) {
    const { person, deviceId } = line;
    const cells = [
      line.received,
      line.offline?.at,
      person?.name,
      person?.userId,
      person?.roles.join(" "),
      deviceId === undefined ? undefined : nameOf({ deviceId }),
      deviceId,
      line.zone,
      line.action,
      line.purpose,
      line.relation,
      line.recordIds.join(" "),
      line.reason,
      line.detail,
      line.epoch,
      line.position,
    ];
    yield `${cells.map(csvCell).join(",")}\r\n`;
  }
}

/** RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe: the words in it may be anybody's. */
export const csvCell = (value: string | number | undefined): string => {
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

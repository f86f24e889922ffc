import type { Entry } from "#domain/entry/entry.ts";
import type { Patient } from "#domain/patient/patient.ts";
import { keepUntil } from "#domain/patient/retention.ts";
import type { CareRecord } from "#domain/record.ts";
import type { LogLine } from "#sharing/log-line.ts";
import type { Cell } from "../../cell.ts";
import { refuseDisposed } from "../../http/disposed.ts";
import type { ControlLog } from "../../logs/control-log.ts";
import { notHere } from "./desk-call.ts";
import { retentionTerms } from "./setting-catalogue.ts";

interface Row {
  position: string;
  received: Date;
  hash: Buffer;
  sealed: Buffer;
  wrapped: Buffer;
}

/**
 * The record's lines; of one that has ended, those that came since. The database gives them only after the access line that says
 * so; 404 where there is none, 410 where nothing came since.
 */
export const readRecord = async (cell: Cell, recordId: string): Promise<LogLine[]> => {
  const text = "SELECT * FROM record_for_desk($1)";
  const { rows } = await cell.pools.control.query<Row>({ name: "record-for-desk", text, values: [recordId] });
  if (rows.length === 0) {
    refuseDisposed(cell, recordId);
    throw notHere("record");
  }
  const key = cell.keyRing.recordKey(recordId, rows[0]!.wrapped);
  return rows.map(({ position, received, hash, sealed }) => ({
    entry: JSON.parse(key.open(sealed, hash).toString()) as Entry,
    position: Number(position),
    received: received.toISOString(),
  }));
};

/** The day on which the trust's retention term has ended: `2036-05-17`. */
export const keptUntil = async (log: ControlLog, lines: readonly LogLine[], record: CareRecord): Promise<string> => {
  const { patient } = record;
  // Where two tablets disagree about the patient, the record is kept for the longer of the two.
  const patients = patient ? [patient.body, ...patient.disagreement.map(({ body }) => body as unknown as Patient)] : [];
  return keepUntil(
    patients,
    lines
      .map(({ received }) => received)
      .sort()
      .at(-1)!,
    await retentionTerms(log),
  );
};

import { hash as digest } from "node:crypto";
import type { LogName, ProvenLine } from "#defence/log/line.ts";
import { type Access, notedMs, offlineMs } from "../logs/access-line.ts";
import { readControlLine } from "../logs/control-log.ts";

type Row = Readonly<Record<string, unknown>>;

/** How a row contradicts the text that is sealed in it; undefined where it does not. Throws for a text that is no line. */
export const contradicts = (log: LogName, line: ProvenLine, row: Row, text: string): string | undefined => {
  if (digest("sha256", text) !== line.hash) return "its bytes are not those that its hash names";
  return checks[log](line, row, text) ? undefined : "its clear columns say other things than its sealed text";
};

const checks: Record<LogName, (line: ProvenLine, row: Row, text: string) => boolean> = {
  care: ({ recordId, deviceId, n, quarantine }, { entry_id }, text) => {
    // Its bytes may be anything.
    if (quarantine != null) return entry_id === null && n === null;
    const entry = JSON.parse(text) as { id: string; recordId: string; deviceId: string; n: number };
    return entry.id === entry_id && entry.recordId === recordId && entry.deviceId === deviceId && entry.n === n;
  },
  access: ({ deviceId }, { user_id, session_id, action, record_ids, offline_at, noted_at }, text) => {
    const access = JSON.parse(text) as Access;
    const { person, sessionId = null, recordIds } = access;
    const said = record_ids as string[] | null;
    return (
      (access.deviceId ?? null) === deviceId &&
      (person?.userId ?? null) === user_id &&
      sessionId === session_id &&
      access.action === action &&
      said !== null &&
      said.length === recordIds.length &&
      said.every((each, i) => each === recordIds[i]) &&
      offlineMs(access) === timeOf(offline_at) &&
      notedMs(access) === timeOf(noted_at)
    );
  },
  control: (_line, { kind, subject_id }, text) => {
    const change = readControlLine(text);
    // One that a later version wrote.
    if (change === null) return true;
    return change.kind === kind && change.id === subject_id;
  },
};

const timeOf = (column: unknown): number | null => (column as Date | null)?.getTime() ?? null;

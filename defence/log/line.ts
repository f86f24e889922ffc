/** A cell's three logs, design.md. */
export const logNames = ["care", "access", "control"] as const;
export type LogName = (typeof logNames)[number];

/** A line of a log, as it is counted in the log's tree: what was stored and by whom, and nothing that re-sealing or disposal changes. */
export interface ProvenLine {
  epoch: number;
  /** 1, 2, 3 … without gaps; leaf `position - 1` of the tree. */
  position: number;
  /** ISO 8601 in UTC, to the millisecond. */
  received: string;
  deviceId: string | null;
  /** SHA-256 of the entry's bytes, hexadecimal. */
  hash: string;
  /** Of the head of a pushed run, by its author's device. */
  signature: string | null;
  /** Of the care log alone; `n` is null for a quarantined line, whose bytes may be anything. */
  recordId?: string;
  n?: number | null;
  quarantine?: string | null;
}

/** The bytes of the line's leaf, UTF-8, and what a tree puts before each. No part of it holds a line break. */
export const leafText = (log: LogName, line: ProvenLine, before = ""): string =>
  [
    `${before}holdfast line 1`,
    log,
    line.epoch,
    line.position,
    line.received,
    line.deviceId ?? "",
    line.hash,
    line.signature ?? "",
    line.recordId ?? "",
    line.n ?? "",
    line.quarantine ?? "",
  ].join("\n");

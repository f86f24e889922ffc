import type { LogName } from "#defence/log/line.ts";

/** What is archived side by side: neither a log nor the blobs hold another up. */
export type ArchiveLane = LogName | "blobs";

/**
 * Why a log is not being archived. `behind-archive`: the archive holds lines that the database has lost; `differs`: the archive holds
 * other lines than the database; `refused`: the letterbox does not take a segment; `unreachable`: it does not answer;
 * `unreadable`: a line, or a blob, cannot be opened any more; `no-database`: the database does not answer; `epoch-closed`: the officers
 * made another server the base.
 */
export type ArchiveFault =
  | "epoch-closed"
  | "behind-archive"
  | "differs"
  | "refused"
  | "unreachable"
  | "unreadable"
  | "no-database";

export class ArchiveStopped extends Error {
  readonly fault: ArchiveFault;
  constructor(fault: ArchiveFault, options?: ErrorOptions) {
    super(`The archive does not go on: ${fault}.`, options);
    this.name = "ArchiveStopped";
    this.fault = fault;
  }
}

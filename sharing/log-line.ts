import type { Entry } from "#domain/entry/entry.ts";

/** An entry with its place in the trust's log; a record's lines come in log order. */
export interface LogLine {
  entry: Entry;
  position: number;
  /** When the base stored it: an instant in UTC. */
  received: string;
}

import { aboutBlob } from "../blobs/blob-store.ts";
import { aboutSession } from "../identity/sessions.ts";
import { aboutSubject } from "../logs/control-log.ts";
import { arrivalAbout } from "../projection/site-rows.ts";
import type { SealedUse } from "./key-ring.ts";

/** A column that is sealed under a key derived from the trust key: what a rotation seals anew. */
export interface SealedColumn {
  table: string;
  /** Primary key: column → type. */
  key: Readonly<Record<string, string>>;
  /** Further columns that `about` reads. */
  beside: readonly string[];
  column: string;
  use: SealedUse;
  /** What the bytes are sealed about; the row's uuids and numbers are text, its bytes hexadecimal. */
  about(row: Readonly<Record<string, string>>): string;
}

/** `keys.test.ts` compares this table with the catalogue: no sealed column can be forgotten. */
export const sealedColumns: readonly SealedColumn[] = [
  {
    table: "subject",
    key: { kind: "text", subject_id: "text" },
    beside: [],
    column: "sealed",
    use: "subject",
    about: (row) => aboutSubject(row.kind!, row.subject_id!),
  },
  {
    table: "session",
    key: { session_id: "uuid" },
    beside: [],
    column: "sealed",
    use: "session",
    about: (row) => aboutSession(row.session_id!),
  },
  {
    table: "arrival",
    key: { record_id: "uuid", site_id: "text" },
    beside: [],
    column: "sealed",
    use: "arrival",
    about: (row) => arrivalAbout(row.record_id!, row.site_id!),
  },
  {
    table: "held_line",
    key: { held: "bigint" },
    beside: ["hash"],
    column: "sealed",
    use: "held",
    about: (row) => row.hash!,
  },
  {
    table: "control_line",
    key: { position: "bigint" },
    beside: ["hash"],
    column: "sealed",
    use: "control",
    about: (row) => row.hash!,
  },
  {
    table: "access_line",
    key: { epoch: "int", position: "bigint" },
    beside: ["hash"],
    column: "sealed",
    use: "access",
    about: (row) => row.hash!,
  },
  {
    table: "blob",
    key: { record_id: "uuid", sha256: "bytea" },
    beside: [],
    column: "sealed_type",
    use: "blob",
    about: (row) => aboutBlob(row.record_id!, row.sha256!, "type"),
  },
  {
    table: "blob_chunk",
    key: { record_id: "uuid", sha256: "bytea", start: "bigint" },
    beside: [],
    column: "sealed",
    use: "blob",
    about: (row) => aboutBlob(row.record_id!, row.sha256!, Number(row.start)),
  },
];

import type { FastifyRequest } from "fastify";
import type { LogLine } from "#sharing/log-line.ts";

/**
 * What the FHIR and page routes may see: one trust's records, as far as the caller's site may read them. The care zone
 * makes one per request; every `read` writes its access line before it answers.
 */
export interface RecordAccess {
  trust: { id: string; name: string };
  /** Set where a standby answers: when the base received the last entry that is here. */
  standby: { asOf: string | null } | undefined;
  /** Origin of this zone as the caller addressed it, without a closing slash: `http://care.northmoor.localhost:7402`. */
  origin: string;
  /** Lines of one record in log order; null when there is none, or none for this site: the two look alike from outside. */
  read(recordId: string, action: "fhir-read" | "page-print"): Promise<LogLine[] | null>;
  /** Record of an entry, or null. Tells nothing about the right to read it. */
  recordOf(entryId: string): Promise<string | null>;
  /** Plain bytes of a blob of a record that `read` has answered; null when they have not arrived. */
  blob(recordId: string, sha256: string): Promise<Uint8Array | null>;
}

export interface RecordRouteDeps {
  /** Who asks. Rejects with a ProblemError 401 when the request carries no valid sign-in. */
  access(request: FastifyRequest): Promise<RecordAccess>;
}

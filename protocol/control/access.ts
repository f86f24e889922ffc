import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import { shownAccess } from "../accesses.ts";
import { pageOf } from "./page.ts";

/** Whose accesses, or to what, from one instant until before another. Exactly one of person, device and record is named. */
const asked = {
  /** A user id or a staff number. */
  person: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
  deviceId: z.optional(uuid),
  recordId: z.optional(uuid),
  from: instant,
  to: instant,
};
/** Query of `GET /control/v1/accesses`. `before`: `next` of the page before. */
export const accessQuery = z.object({ ...asked, before: z.optional(z.string().check(z.maxLength(60))) });
export type AccessQuery = z.infer<typeof accessQuery>;

/** Newest first. */
export const accessesPage = z.object({
  lines: z.array(z.extend(shownAccess, { device: z.optional(z.string()) })),
  next: z.nullable(z.string()),
});
export type AccessesPage = z.infer<typeof accessesPage>;
export type AccessRow = AccessesPage["lines"][number];

/** Query of `GET /control/v1/accesses/records`: which patients' records a person or a device had. */
export const affectedQuery = z.object({
  person: asked.person,
  deviceId: asked.deviceId,
  from: instant,
  to: instant,
  page: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1_000_000)), 1),
});
export const affectedRow = z.object({ recordId: uuid, accesses: z.int(), first: instant, last: instant });
export type AffectedRow = z.infer<typeof affectedRow>;
export const affectedPage = pageOf(affectedRow);

/** `csv` and `fhir`: each access. `records`: whose records a person or a device had, each once. */
export const exportFormats = ["csv", "records", "fhir"] as const;
/** `POST /control/v1/accesses/export`: the same list as a file. Asks for a reason and the second factor once more. */
export const accessExport = z.object({ ...asked, format: z.enum(exportFormats) });
export type AccessExport = z.infer<typeof accessExport>;

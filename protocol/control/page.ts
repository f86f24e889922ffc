import * as z from "zod/mini";

/** Rows of a page of any of the desk's tables. */
export const pageRows = 25;
const pagesMax = 10_000;

/** Query of every table of the desk: page (from 1), column to sort by, words to look for. Never a patient's data. */
export const pageQuery = z.object({
  page: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(pagesMax)), 1),
  sort: z.optional(z.string().check(z.regex(/^[a-zA-Z]{1,20}$/))),
  order: z._default(z.enum(["ascending", "descending"]), "ascending"),
  find: z.optional(z.string().check(z.maxLength(100))),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** One page of a table, with how many rows there are in all. */
export const pageOf = <T extends z.ZodMiniType>(row: T) =>
  z.object({ rows: z.array(row), total: z.int(), page: z.int(), pages: z.int() });
export interface Page<Row> {
  rows: Row[];
  total: number;
  page: number;
  pages: number;
}

/** In the words of whoever changes something; it stays in the control log. */
export const reasonText = z.string().check(z.trim(), z.minLength(3), z.maxLength(500));

/** One line of a subject's history, newest first: who changed what, and why. Secrets are named, never told. */
export const historyLine = z.object({
  position: z.int(),
  changed: z.iso.datetime(),
  by: z.string(),
  reason: z.optional(z.string()),
  fields: z.array(z.object({ field: z.string(), before: z.optional(z.string()), after: z.optional(z.string()) })),
});
export type HistoryLine = z.infer<typeof historyLine>;
export const historyResponse = z.object({ lines: z.array(historyLine) });

/** A change has committed; the subject's last line is now here. */
export const changedResponse = z.object({ position: z.int() });

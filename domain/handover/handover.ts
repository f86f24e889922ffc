import * as z from "zod/mini";
import { instant, longText, shortText } from "../entry/entry.ts";

/** A hospital department. Its id is stable across trusts; `name` is what the board's header says. */
export const site = z.object({ siteId: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)), name: shortText });

/** Kind `destination`: where the patient goes and when. A later one with another site diverts; `none` is See & Treat or a referral. */
export const destination = z.object({
  site: z.optional(site),
  /** Estimated time of arrival. */
  eta: z.optional(instant),
  outcome: z.optional(z.enum(["see-and-convey", "see-and-treat", "referred", "refused", "stood-down"])),
  why: z.optional(shortText),
});

/** Kind `prealert`: the crew asks the site to be ready. */
export const prealert = z.object({
  site,
  eta: z.optional(instant),
  concern: shortText,
  needs: z.optional(z.array(shortText).check(z.maxLength(10))),
  message: z.optional(longText),
});

/** For every device chain, the n of the newest entry that was shown. Keys are device ids. */
export const seenHeads = z.record(z.string(), z.int().check(z.nonnegative()));

/** Kind `handover`: the crew's side. The receiver's name may be recorded here where no screen could accept. */
export const handover = z.object({
  receiverName: z.optional(shortText),
  receiverRole: z.optional(shortText),
  comment: z.optional(longText),
  /** The screen's receipt was typed as a code: when the hospital accepted a film, as that code says. */
  receiptCodeAt: z.optional(instant),
});

/** Kind `acceptance`: the hospital's side. `seen` says exactly what the person accepted. */
export const acceptance = z.object({
  site,
  acceptedBy: shortText,
  role: z.optional(shortText),
  seen: seenHeads,
  comment: z.optional(longText),
});

/** Kind `place`: where in the department the patient will go. Written by the hospital. */
export const place = z.object({ site, place: shortText, area: z.enum(["resus", "majors", "fit2sit", "other"]) });

/** Kind `receipt`: a hospital screen drew these entries (`displayed`), or a person opened the patient (`seen`). */
export const receipt = z.object({ what: z.enum(["displayed", "seen"]), site, seen: seenHeads });

import * as z from "zod/mini";
import { type Author, uuid } from "../entry/entry.ts";

/** Most entries that one co-signature covers; what is more is signed with several. */
export const coSignedMax = 100;

/** Kind `co-signature`: a crewmate has read these entries and answers for them too. They may arrive after it. */
export const coSignature = z.object({ entries: z.array(uuid).check(z.minLength(1), z.maxLength(coSignedMax)) });

/** Whether a crewmate signs what this author writes. A value that only a later version knows asks for it as well. */
export const asksForCoSign = ({ coSign }: Author): boolean => coSign !== undefined;

/** By a PIN of their own on an enrolled tablet. Somebody else's word for a person signs nothing, nor does a hospital's screen. */
const signedInOnTablet: ReadonlySet<string> = new Set(["pin", "pin-weak"]);

/** Whether this author's co-signature counts; never for what they wrote themselves. */
export const mayCoSign = (author: Author): boolean => !asksForCoSign(author) && signedInOnTablet.has(author.signIn);

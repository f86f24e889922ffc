import type { Entry } from "../entry/entry.ts";
import type { EntryOf } from "../kinds.ts";
import { asksForCoSign, mayCoSign } from "./co-signature.ts";

/** What a line asks a crewmate to sign, and who has. */
export interface CoSign {
  /** The entry to sign: the line's own; of a struck line, its strike. */
  of: Entry;
  /** Each signer's first co-signature, in display order; empty while the entry awaits one. */
  by: EntryOf<"co-signature">[];
}

/** Whether a crewmate is still to sign this line. */
export const awaitsCoSign = ({ coSign }: { coSign?: CoSign }): boolean => coSign?.by.length === 0;

/**
 * The co-signature that an entry asks for, with the strike in effect on it; undefined where none is asked for. Whoever takes
 * back what they wrote themselves leaves nothing to sign; whoever strikes another's entry is signed for.
 *
 * @param signatures that are not struck, in display order
 */
export const resolveCoSigns = (
  signatures: readonly EntryOf<"co-signature">[],
): ((entry: Entry, struckBy: Entry | undefined) => CoSign | undefined) => {
  const signersOf = new Map<string, Map<string, EntryOf<"co-signature">>>();
  for (const signature of signatures) {
    const { author, body } = signature;
    if (!mayCoSign(author)) continue;
    for (const id of body.entries) {
      const signers = signersOf.get(id);
      if (signers === undefined) signersOf.set(id, new Map([[author.userId, signature]]));
      else if (!signers.has(author.userId)) signers.set(author.userId, signature);
    }
  }
  return (entry, struckBy) => {
    const of = struckBy ?? entry;
    if (!asksForCoSign(of.author)) return undefined;
    if (struckBy?.author.userId === entry.author.userId) return undefined;
    const signers = [...(signersOf.get(of.id)?.values() ?? [])];
    return { of, by: signers.filter(({ author }) => author.userId !== of.author.userId) };
  };
};

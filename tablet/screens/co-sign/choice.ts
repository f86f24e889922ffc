import { mayCoSign } from "#domain/co-signature/co-signature.ts";
import type { Author, Entry } from "#domain/entry/entry.ts";
import type { RecordLine } from "#domain/record.ts";

export interface Choice {
  /** Ids of what this person may sign. */
  signable: string[];
  /** Those of them that are chosen. */
  toSign: string[];
}

/** What a line asks to be signed. */
export const toSignOf = (line: RecordLine): Entry => line.coSign!.of;

/** What a press signs: of the lines that await it, those this person may sign and has chosen. What came since is not among them. */
export const choiceOf = (lines: readonly RecordLine[], author: Author, chosen: readonly string[]): Choice => {
  const others = lines.map(toSignOf).filter((entry) => entry.author.userId !== author.userId);
  const signable = mayCoSign(author) ? others.map(({ id }) => id) : [];
  return { signable, toSign: signable.filter((id) => chosen.includes(id)) };
};

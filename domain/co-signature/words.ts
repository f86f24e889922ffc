import { clockText } from "../entry/clock.ts";
import type { Author } from "../entry/entry.ts";
import type { CareRecord, RecordLine } from "../record.ts";

/**
 * `awaiting co-signature`, `co-signed by Amara Okafor 14:05`, of a strike `strike awaiting co-signature`, of what was struck and
 * brought back `brought back, awaiting co-signature`; empty where none is asked for.
 */
export const coSignText = ({ coSign, state }: Pick<RecordLine, "coSign" | "state">, whenText = clockText): string => {
  if (coSign === undefined) return "";
  const what = coSign.of.kind !== "strike" ? "" : state === "struck" ? "strike " : "brought back, ";
  const signers = coSign.by.map(({ author, occurredAt }) => `${author.name} ${whenText(occurredAt)}`);
  return signers.length === 0 ? `${what}awaiting co-signature` : `${what}co-signed by ${signers.join(", ")}`;
};

/** For each author `3 entries by Sam Testcase (student) await a co-signature`; empty where nothing awaits one. */
export const awaitingTexts = ({ awaitingCoSign }: Pick<CareRecord, "awaitingCoSign">): string[] => {
  const byAuthor = new Map<string, { author: Author; count: number }>();
  for (const { coSign } of awaitingCoSign) {
    const { author } = coSign!.of;
    const count = (byAuthor.get(author.userId)?.count ?? 0) + 1;
    byAuthor.set(author.userId, { author, count });
  }
  return [...byAuthor.values()].map(({ author, count }) => {
    const by = author.role === "" ? author.name : `${author.name} (${uncapital(author.role)})`;
    return count === 1 ? `1 entry by ${by} awaits a co-signature` : `${count} entries by ${by} await a co-signature`;
  });
};

/** An abbreviation stays as it is. */
const uncapital = (text: string): string =>
  /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;

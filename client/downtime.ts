import { readStatement } from "#protocol/certificate.ts";
import {
  type ContactsStatement,
  contactsStatement,
  type Downtime,
  type HeldPack,
  type NoticeStatement,
  noticeStatement,
} from "#protocol/downtime.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import { isSigned } from "./grants.ts";

/** What a tablet shows when nothing else answers. Every word in `notices` and `contacts` was signed by the trust. */
export interface DowntimeKit {
  notices: NoticeStatement[];
  contacts: ContactsStatement["contacts"];
  /** When the contacts were signed: an older list never takes the place of a newer one. */
  contactsAt?: string;
  packs: HeldPack[];
  /** Statements that none of the trust's known keys signed. They are not shown. */
  refused: number;
  /** Absent while something was refused: it is asked for again, and by then a new key of the trust may be known. */
  tag?: string;
}

export const emptyKit: DowntimeKit = { notices: [], contacts: [], packs: [], refused: 0 };

/**
 * Takes what a server relayed. Whichever server it is, base or standby or somebody in between: what the trust's own keys did not
 * sign is left out, and counted.
 */
export const readDowntime = async (
  given: Downtime,
  before: DowntimeKit,
  issuerKeys: readonly PublicJwk[],
): Promise<DowntimeKit> => {
  let refused = 0;
  const notices: NoticeStatement[] = [];
  for (const signed of given.notices) {
    const read = await readStatement(noticeStatement, signed, issuerKeys, isSigned);
    if ("says" in read) notices.push(read.says);
    else refused += 1;
  }
  const said = given.contacts && (await readStatement(contactsStatement, given.contacts, issuerKeys, isSigned));
  const contacts = said && "says" in said ? said.says : undefined;
  if (said !== undefined && contacts === undefined) refused += 1;
  const isNewer = contacts !== undefined && contacts.issuedAt >= (before.contactsAt ?? "");
  return {
    notices,
    contacts: isNewer ? contacts.contacts : before.contacts,
    ...(isNewer ? { contactsAt: contacts.issuedAt } : before.contactsAt && { contactsAt: before.contactsAt }),
    packs: given.packs,
    refused,
    ...(refused === 0 && { tag: given.tag }),
  };
};

/** The notices that stand at a time. */
export const standingNotices = ({ notices }: DowntimeKit, nowMs: number): NoticeStatement[] =>
  notices.filter(({ until }) => Date.parse(until) > nowMs);

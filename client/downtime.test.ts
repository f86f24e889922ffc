import { generateKeyPairSync, sign } from "node:crypto";
import canonicalize from "canonicalize";
import { expect, test } from "vitest";
import type { Downtime } from "#protocol/downtime.ts";
import { type PublicJwk, publicJwk, type SignedStatement } from "#protocol/grants.ts";
import { emptyKit, readDowntime, standingNotices } from "./downtime.ts";

const issuer = (): { key: PublicJwk; sign(says: object): SignedStatement } => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: publicJwk.parse(publicKey.export({ format: "jwk" })),
    sign: (says) => {
      const statement = canonicalize(says)!;
      const signature = sign("sha256", Buffer.from(statement), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return { statement, signature: signature.toString("base64url") };
    },
  };
};
const trust = issuer();
const stranger = issuer();
const notice = {
  type: "notice",
  trust: "northmoor",
  noticeId: "00000000-0000-4000-8000-000000000001",
  title: "E-mail is down",
  words: "Ring the hub instead.",
  by: "Sam Lowe",
  issuedAt: "2026-01-15T10:00:00.000Z",
  until: "2026-01-15T18:00:00.000Z",
};
const contacts = (issuedAt: string, how: string) => ({
  type: "contacts",
  trust: "northmoor",
  contacts: [{ who: "Duty manager", how }],
  issuedAt,
});
const relayed = (more: Partial<Downtime>): Downtime => ({ tag: "7.0.0", notices: [], packs: [], ...more });

test("a notice that the trust signed is shown until it is over, whoever relayed it", async () => {
  const kit = await readDowntime(relayed({ notices: [trust.sign(notice)] }), emptyKit, [trust.key]);
  expect(kit).toMatchObject({ refused: 0, tag: "7.0.0" });
  expect(standingNotices(kit, Date.parse("2026-01-15T17:59:00Z")).map(({ title }) => title)).toEqual([
    "E-mail is down",
  ]);
  expect(standingNotices(kit, Date.parse(notice.until))).toEqual([]);
});

test("a notice that was changed on the way, that a stranger signed, or that is something else is not shown", async () => {
  const good = trust.sign(notice);
  const changed = { ...good, statement: good.statement.replace("Ring the hub", "Ring 0900 000") };
  const other = trust.sign({ ...notice, type: "grant" });
  const kit = await readDowntime(relayed({ notices: [changed, stranger.sign(notice), other] }), emptyKit, [trust.key]);
  expect(kit).toMatchObject({ notices: [], refused: 3 });
  // It is asked for again: a new key of the trust may be known by then.
  expect(kit.tag).toBeUndefined();
});

test("control: with the stranger's key among the trust's, the stranger's notice is shown", async () => {
  const kit = await readDowntime(relayed({ notices: [stranger.sign(notice)] }), emptyKit, [trust.key, stranger.key]);
  expect(kit.notices).toHaveLength(1);
});

test("an older contact tree never takes the place of a newer one", async () => {
  const newer = await readDowntime(
    relayed({ contacts: trust.sign(contacts("2026-01-15T12:00:00.000Z", "01632 960 002")) }),
    emptyKit,
    [trust.key],
  );
  const after = await readDowntime(
    relayed({ contacts: trust.sign(contacts("2026-01-15T09:00:00.000Z", "01632 960 001")) }),
    newer,
    [trust.key],
  );
  expect(after.contacts).toEqual([{ who: "Duty manager", how: "01632 960 002" }]);
});

import { describe, expect, test } from "vitest";
import { generateEcg } from "#demo/ecg-generator.ts";
import { ecgMime } from "#domain/ecg/ecg.ts";
import { fold } from "#domain/record.ts";
import type { Certificate } from "#protocol/certificate.ts";
import { type PublicJwk, publicJwk } from "#protocol/grants.ts";
import { headStatement } from "#protocol/push.ts";
import { createCollector, type Found } from "#sharing/film/collector.ts";
import { readFrame } from "#sharing/film/frame.ts";
import type { Projector } from "#sharing/film/projector.ts";
import { chainStart, sealEntry } from "#sync/chain.ts";
import { readEntry } from "#sync/envelope.ts";
import type { HeldEntry } from "#sync/store.ts";
import { sha256Base64url } from "../bytes.ts";
import { curve } from "../inbox.ts";
import { createIdentity, type DeviceIdentity, signerOf } from "../keys.ts";
import { browserClock, browserRandom, hashText } from "../ports.ts";
import { agreeWithSender, type FilmAgreement } from "./film-keys.ts";
import { type FilmMaker, makeReceiptFilm, makeRecordFilm } from "./make-film.ts";
import { readReceiptFilm, readRecordFilm, readSummary } from "./read-film.ts";
import { readReceiptCode, receiptCode } from "./receipt-code.ts";

const place = { trust: "northmoor", siteId: "southgate-ed" };
const recordId = browserRandom.uuid();
const madeAt = "2026-11-22T14:33:00.000Z";

const newIssuer = () => createIdentity();
const makerOf = async (
  issuer: DeviceIdentity,
  zone: "crew" | "care",
): Promise<FilmMaker & { identity: DeviceIdentity }> => {
  const identity = await createIdentity();
  const { x, y } = identity.publicKey;
  const says: Certificate = {
    type: "certificate",
    trust: place.trust,
    deviceId: identity.deviceId,
    keyThumbprint: await sha256Base64url(JSON.stringify({ crv: "P-256", kty: "EC", x, y })),
    zone,
    ...(zone === "care" && { siteId: place.siteId }),
    issuedAt: madeAt,
    readsUntil: madeAt,
  };
  const statement = JSON.stringify(says);
  const signature = await signerOf(issuer).sign(statement);
  return { signer: signerOf(identity), publicKey: identity.publicKey, certificate: { statement, signature }, identity };
};

const siteKeyPair = async (): Promise<{ publicKey: PublicJwk; privateKey: CryptoKey }> => {
  const pair = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  return {
    publicKey: publicJwk.parse(await crypto.subtle.exportKey("jwk", pair.publicKey)),
    privateKey: pair.privateKey,
  };
};

const author = { userId: "demo", name: "Demo Medic", role: "Paramedic", signIn: "pin" };
const written = async (
  deviceId: string,
  drafts: readonly {
    kind: string;
    body: Record<string, unknown>;
    blobs?: HeldEntry[] | { sha256: string; bytes: number; mime: string }[];
  }[],
): Promise<HeldEntry[]> => {
  const held: HeldEntry[] = [];
  let end = chainStart;
  for (const { kind, body, blobs } of drafts) {
    const draft = { recordId, kind, body, author, ...(blobs && { blobs: blobs as never }) };
    const sealing = { deviceId, clock: browserClock, random: browserRandom, hash: hashText, serverOffset: undefined };
    const { entry, text, hash } = await sealEntry(draft, end, sealing);
    held.push({ id: entry.id, recordId, deviceId, n: entry.n, hash, text, lane: "P0", state: { at: "waiting" } });
    end = { n: entry.n + 1, prev: hash };
  }
  return held;
};
const sampleDrafts = [
  { kind: "incident", body: { callSign: "NM201", crew: [author], demonstration: true } },
  { kind: "patient", body: { familyName: "DEMO-FILM", identity: "stated" } },
  { kind: "destination", body: { site: { siteId: place.siteId, name: "Southgate ED" } } },
  { kind: "a-kind-of-tomorrow", body: { prev: "^", deep: { prev: "x" } } },
  ...Array.from({ length: 20 }, (_, i) => ({ kind: "note", body: { text: `DEMO note ${i}` } })),
];

const ecgDraft = {
  kind: "ecg",
  body: { leads: ["II"], samplesPerSecond: 500, samplesPerLead: 5_000 },
  blobs: [{ sha256: "c".repeat(64), bytes: 120_000, mime: ecgMime }],
};

const receive = async (
  projector: Projector,
  key: CryptoKey | FilmAgreement,
  kind: "record" | "receipt" = "record",
  lose: (slot: number) => boolean = (slot) => slot % 3 === 1,
): Promise<{ found: Extract<Found, { found: "whole" }>; summary: Found | undefined; slots: number }> => {
  let summary: Found | undefined;
  const { take } = createCollector({
    kind,
    isReceived: () => false,
    keysFor: async (film) => [await ("keysOf" in key ? key : await agreeWithSender(key, film.point)).keysOf(film)],
  });
  for (let slot = 0; slot < 300; slot++) {
    if (lose(slot)) continue;
    const found = await take(await projector.frameAt(slot));
    if (found.found === "summary") summary = found;
    if (found.found === "whole") return { found, summary, slots: slot };
  }
  throw new Error("never whole");
};

const setUp = async () => {
  const issuer = await newIssuer();
  const maker = await makerOf(issuer, "crew");
  const site = await siteKeyPair();
  const held = await written(maker.identity.deviceId, sampleDrafts);
  const known = { trust: place.trust, issuerKeys: [issuer.publicKey] };
  const parts = { maker, place, siteKey: site.publicKey, recordId, held, madeAt };
  return { issuer, maker, site, held, known, parts };
};

describe("a record's film", () => {
  test("brings every entry verbatim with its author's signature, and the summary before", async () => {
    const { site, held, known, parts } = await setUp();
    const film = await makeRecordFilm(parts);
    const { found, summary } = await receive(film.projector, site.privateKey);
    const read = await readRecordFilm(found.film, found.opened, known);
    if ("fault" in read) throw new Error(read.fault);
    expect(read.entries.map(({ text }) => text)).toEqual(held.map(({ text }) => text));
    expect(read.entries.at(-1)?.signature).toBeDefined();
    expect(read.unproved).toEqual([]);
    expect(fold(read.entries.map(({ text }) => readEntry(text).entry!)).patient?.body.familyName).toBe("DEMO-FILM");
    expect(await readSummary((summary as Extract<Found, { found: "summary" }>).opened)).toMatchObject({
      recordId,
      callSign: "NM201",
      entries: held.length,
      demonstration: true,
    });
  });

  test("carries the newest recording as a copy; the entry still names the exact one", async () => {
    const { maker, site, known, parts } = await setUp();
    const ecg = generateEcg("inferior-stemi", madeAt, 7);
    const held = await written(maker.identity.deviceId, [...sampleDrafts, ecgDraft]);
    const film = await makeRecordFilm({ ...parts, held, recording: async () => ecg });
    expect(film).toMatchObject({ hasEcg: true, ecgsLeftOut: 0 });
    const { found } = await receive(film.projector, site.privateKey);
    const read = await readRecordFilm(found.film, found.opened, known);
    if ("fault" in read) throw new Error(read.fault);
    expect(read.ecg).toMatchObject({ entryId: held.at(-1)!.id, file: { samplesPerSecond: 250 } });
    const without = await makeRecordFilm({ ...parts, held, recording: async () => undefined });
    expect(without).toMatchObject({ hasEcg: false, ecgsLeftOut: 1 });
    const words = (await receive(without.projector, site.privateKey)).found.film;
    expect(words.bodyBytes).toBeLessThan(found.film.bodyBytes / 2);
  });

  test("is made without a recording that cannot be read", async () => {
    const { maker, site, known, parts } = await setUp();
    const held = await written(maker.identity.deviceId, [...sampleDrafts, ecgDraft]);
    const recording = () => Promise.reject(new Error("damaged"));
    const film = await makeRecordFilm({ ...parts, held, recording });
    expect(film).toMatchObject({ hasEcg: false, ecgsLeftOut: 1 });
    const { found } = await receive(film.projector, site.privateKey);
    expect(await readRecordFilm(found.film, found.opened, known)).toMatchObject({ entries: { length: held.length } });
  });

  test("nobody else's key opens it, and nothing of the patient is readable in its frames", async () => {
    const { parts } = await setUp();
    const film = await makeRecordFilm(parts);
    const other = await siteKeyPair();
    const { take } = createCollector({
      kind: "record",
      isReceived: () => false,
      keysFor: async (header) => [await (await agreeWithSender(other.privateKey, header.point)).keysOf(header)],
    });
    for (let slot = 0; slot < 12; slot++) {
      const frame = await film.projector.frameAt(slot);
      expect(Buffer.from(frame).toString("latin1")).not.toMatch(/DEMO|Medic|NM201/);
      expect(await take(frame)).toEqual({ found: "changed" });
    }
  });

  test("is refused by name: of a device that the trust did not enrol, signed by another, or with a chain that is not its author's", async () => {
    const { issuer, maker, site, known, parts, held } = await setUp();
    const fault = async (film: { projector: Projector }, trust = known) => {
      const { found } = await receive(film.projector, site.privateKey);
      const read = await readRecordFilm(found.film, found.opened, trust);
      return "fault" in read ? read.fault : "taken";
    };
    expect(await fault(await makeRecordFilm(parts))).toBe("taken");
    const stranger = await newIssuer();
    expect(await fault(await makeRecordFilm(parts), { ...known, issuerKeys: [stranger.publicKey] })).toBe(
      "unknown-maker",
    );
    const screen = await makerOf(issuer, "care");
    expect(await fault(await makeRecordFilm({ ...parts, maker: { ...maker, certificate: screen.certificate } }))).toBe(
      "unknown-maker",
    );
    const lying = { ...maker, signer: { ...maker.signer, sign: screen.signer.sign } };
    expect(await fault(await makeRecordFilm({ ...parts, maker: lying }))).toBe("not-signed");
    const changed = held.map((entry, at) =>
      at === 5 ? { ...entry, text: entry.text.replace("DEMO note", "DEMO hate") } : entry,
    );
    expect(await fault(await makeRecordFilm({ ...parts, held: changed }))).toBe("broken-chain");
    // What this tablet did not write is signed by nobody it knows: it is carried, and marked.
    const other = await makerOf(issuer, "crew");
    const foreign = await written(other.identity.deviceId, [{ kind: "note", body: { text: "DEMO other" } }]);
    const head = foreign[0]!;
    const signature = await other.signer.sign(headStatement({ ...head }));
    const both = await makeRecordFilm({ ...parts, held: [...held, { ...head, signature }] });
    const { found } = await receive(both.projector, site.privateKey);
    expect(await readRecordFilm(found.film, found.opened, known)).toMatchObject({
      unproved: [other.identity.deviceId],
    });
    expect((await makeRecordFilm({ ...parts, held: [...held, head] })).leftOut).toBe(1);
  });

  test("a name in any letters still has its summary", async () => {
    const { parts, maker } = await setUp();
    const long = [..."漢字仮名交じり文の長い名前であり圧縮されにくい異なる文字列"].join("").repeat(6);
    const held = await written(maker.identity.deviceId, [
      { kind: "incident", body: { callSign: "NM201", crew: [author] } },
      {
        kind: "patient",
        body: { familyName: long.slice(0, 150), givenName: long.slice(0, 150), identity: "stated" },
      },
    ]);
    const film = await makeRecordFilm({ ...parts, held });
    expect(readFrame(await film.projector.frameAt(0))).toMatchObject({ frame: { row: "summary" } });
  });
});

describe("the receipt", () => {
  const accepted = async () => {
    const { issuer, site, known, parts } = await setUp();
    const film = await makeRecordFilm(parts);
    const screen = await makerOf(issuer, "care");
    const body = { site: { siteId: place.siteId, name: "Southgate ED" }, acceptedBy: "Dr Demo", seen: {} };
    const held = await written(screen.identity.deviceId, [{ kind: "acceptance", body }]);
    const first = readFrame(await film.projector.frameAt(0));
    if (typeof first === "string") throw new Error(first);
    const agreement = await agreeWithSender(site.privateKey, first.frame.point);
    return { known, film, screen, held, agreement, issuer };
  };

  test("comes back as the hospital's own signed entry, and only to the film that it answers", async () => {
    const { known, film, screen, held, agreement } = await accepted();
    const { filmId } = film;
    const receipt = await makeReceiptFilm({ maker: screen, place, agreement, filmId, recordId, held, madeAt });
    const { found } = await receive(receipt, film.agreement, "receipt", () => false);
    const read = await readReceiptFilm(found.film, found.opened, known);
    if ("fault" in read) throw new Error(read.fault);
    expect(read.entries).toMatchObject([{ text: held[0]!.text, signature: expect.any(String) }]);
    const other = (await accepted()).film;
    await expect(receive(receipt, other.agreement, "receipt", () => false)).rejects.toThrow("never whole");
  });

  test("of a tablet, or of another site's screen, is none", async () => {
    const { known, film, issuer, held, agreement } = await accepted();
    const tablet = await makerOf(issuer, "crew");
    const own = held.map((entry) => ({ ...entry, deviceId: tablet.identity.deviceId }));
    const { filmId } = film;
    const receipt = await makeReceiptFilm({ maker: tablet, place, agreement, filmId, recordId, held: own, madeAt });
    const { found } = await receive(receipt, film.agreement, "receipt", () => false);
    expect(await readReceiptFilm(found.film, found.opened, known)).toEqual({ fault: "unknown-maker" });
  });

  test("as a code: what was mistyped is found, and another film's is none of this one", async () => {
    const { film, agreement } = await accepted();
    const { filmId } = film;
    const code = await receiptCode(agreement, filmId, "2026-11-22T14:35:10.000Z");
    expect(code).toMatch(/^1435\d{7}$/);
    const read = (typed: string, id = filmId, by = film.agreement) => readReceiptCode(by, id, typed);
    expect(await read(code.replace(/(....)(...)(...)/, "$1 $2 $3 "))).toEqual({ accepted: "14:35" });
    for (let at = 0; at < code.length; at++) {
      const wrong = code.slice(0, at) + ((Number(code[at]) + 1) % 10) + code.slice(at + 1);
      expect(await read(wrong)).toEqual({ fault: "mistyped" });
    }
    expect(await read(code.slice(1))).toEqual({ fault: "mistyped" });
    const other = (await accepted()).film;
    expect(await read(code, other.filmId, other.agreement)).toEqual({ fault: "another-film" });
  });
});

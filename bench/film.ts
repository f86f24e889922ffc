import { randomBytes } from "node:crypto";
import { agreeWithSender } from "#client/film/film-keys.ts";
import { type FilmMaker, makeRecordFilm } from "#client/film/make-film.ts";
import { readRecordFilm } from "#client/film/read-film.ts";
import { curve } from "#client/inbox.ts";
import { createIdentity, signerOf } from "#client/keys.ts";
import { generateEcg } from "#demo/ecg-generator.ts";
import { ecgMime } from "#domain/ecg/ecg.ts";
import type { EcgFile } from "#monitoring/ecg-file.ts";
import type { Certificate } from "#protocol/certificate.ts";
import { publicJwk } from "#protocol/grants.ts";
import { thumbprintText } from "#protocol/proof.ts";
import { createCollector } from "#sharing/film/collector.ts";
import { seededWords } from "#sharing/film/seeded.ts";
import { chainStart, sealEntry } from "#sync/chain.ts";
import type { HeldEntry } from "#sync/store.ts";
import { pictureOf, rgbaOf } from "#test/camera.ts";
import { framesPerSecondDefault } from "#ui/film/frames-per-second.ts";
import { readSymbol } from "#ui/film/read-symbol.ts";
import { type Measurement, percentile } from "./measurement.ts";
import { bodyOf, newRecord, sealingOf, sha256 } from "./workload.ts";

/** A call of an hour: what a crew of two writes by the time they hand over. */
const entries = 24;
const lossPercent = 30;
const runs = 40;
/** Twenty times what a film of this length should take. */
const slotsMax = 600;
const place = { trust: "northmoor", siteId: "southgate-ed" };
const madeAt = "2026-11-22T14:33:00.000Z";

const newMaker = async () => {
  const [issuer, tablet] = [await createIdentity(), await createIdentity()];
  const says: Certificate = {
    type: "certificate",
    trust: place.trust,
    deviceId: tablet.deviceId,
    keyThumbprint: Buffer.from(sha256(thumbprintText(tablet.publicKey)), "hex").toString("base64url"),
    zone: "crew",
    issuedAt: madeAt,
    readsUntil: madeAt,
  };
  const statement = JSON.stringify(says);
  const certificate = { statement, signature: await signerOf(issuer).sign(statement) };
  const maker: FilmMaker = { signer: signerOf(tablet), publicKey: tablet.publicKey, certificate };
  return { maker, deviceId: tablet.deviceId, known: { trust: place.trust, issuerKeys: [issuer.publicKey] } };
};

const record = async (deviceId: string, withEcg: boolean): Promise<HeldEntry[]> => {
  const { recordId } = newRecord();
  const held: HeldEntry[] = [];
  let end = chainStart;
  const author = { userId: "bench", name: "Bench Crew", role: "paramedic", signIn: "pin" };
  for (let n = 1; n <= entries; n++) {
    const isEcg = withEcg && n === entries;
    const draft = isEcg
      ? {
          kind: "ecg",
          body: { leads: ["II"], samplesPerSecond: 500, samplesPerLead: 5_000 },
          blobs: [{ sha256: randomBytes(32).toString("hex"), bytes: 120_000, mime: ecgMime }],
        }
      : bodyOf(n);
    const { entry, text, hash } = await sealEntry({ recordId, author, ...draft }, end, sealingOf(deviceId));
    held.push({ id: entry.id, recordId, deviceId, n, hash, text, lane: "P0", state: { at: "waiting" } });
    end = { n: n + 1, prev: hash };
  }
  return held;
};

interface Shown {
  /** From the first symbol until the last frame that was needed has been shown, and read and opened after it. */
  ms: number;
  bodyBytes: number;
  /** Milliseconds that one picture took to read. */
  readMs: number[];
  unread: number;
}

/** Shows a film six frames a second; three of ten are lost, the others go through the camera and the reader. */
const show = async (withEcg: boolean, run: number, ecg: EcgFile): Promise<Shown> => {
  const { maker, deviceId, known } = await newMaker();
  const pair = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const siteKey = publicJwk.parse(await crypto.subtle.exportKey("jwk", pair.publicKey));
  const held = await record(deviceId, withEcg);
  const { recordId } = held[0]!;
  const film = await makeRecordFilm({
    maker,
    place,
    siteKey,
    recordId,
    held,
    madeAt,
    recording: async () => ecg,
  });
  const { take } = createCollector({
    kind: "record",
    isReceived: () => false,
    keysFor: async (header) => [await (await agreeWithSender(pair.privateKey, header.point)).keysOf(header)],
  });
  const frameMs = 1_000 / framesPerSecondDefault;
  const readMs: number[] = [];
  let unread = 0;
  let freeAtMs = 0;
  // The same frames are lost in every bench: what changes is the program and the machine.
  const lost = seededWords(run);
  for (let slot = 0; slot < slotsMax; slot++) {
    const shownAtMs = slot * frameMs;
    // Whoever reads the last picture still has not seen this one.
    if (lost() % 100 < lossPercent || freeAtMs > shownAtMs + frameMs) continue;
    const degrees = ((slot * 37 + run * 11) % 21) - 10;
    const picture = rgbaOf(
      pictureOf(await film.projector.frameAt(slot), { degrees, blur: slot % 3, seed: run + slot }),
    );
    const started = performance.now();
    const symbol = readSymbol(picture);
    const read = performance.now();
    readMs.push(read - started);
    if (symbol === undefined) unread++;
    const found = symbol && (await take(symbol));
    const whole = found?.found === "whole" ? found : undefined;
    const opened = whole && (await readRecordFilm(whole.film, whole.opened, known));
    freeAtMs = Math.max(freeAtMs, shownAtMs) + (performance.now() - started);
    if (whole === undefined || opened === undefined) continue;
    if ("fault" in opened || opened.entries.length !== entries || (withEcg && opened.ecg === undefined))
      throw new Error("the film lost something");
    return { ms: freeAtMs, bodyBytes: whole.film.bodyBytes, readMs, unread };
  }
  throw new Error(`the film was not whole after ${slotsMax} frames`);
};

const measured = async (name: string, withEcg: boolean, goalMs: number): Promise<Measurement> => {
  const ecg = generateEcg("inferior-stemi", madeAt, 7);
  await show(withEcg, 0, ecg);
  const shown: Shown[] = [];
  for (let run = 1; run <= runs; run++) shown.push(await show(withEcg, run, ecg));
  const times = shown.map(({ ms }) => ms);
  const reads = shown.flatMap(({ readMs }) => readMs);
  const unread = shown.reduce((sum, each) => sum + each.unread, 0);
  return {
    name,
    unit: "ms",
    better: "less",
    runs: [percentile(times, 95)],
    goal: `≤ ${goalMs}`,
    note: `${runs} films of ${entries} entries, ${shown[0]!.bodyBytes} bytes sealed, ${framesPerSecondDefault} frames a second, ${lossPercent} % lost and ${unread} of ${reads.length} unread besides, turned and blurred; median ${percentile(times, 50).toFixed(0)} ms; a picture of 1280 × 720 takes ${percentile(reads, 50).toFixed(0)} ms to read, p95 ${percentile(reads, 95).toFixed(0)}`,
  };
};

/** A handover by film: simulated time of the film, and the real time that its last pictures took to read and open. */
export const film = async (): Promise<Measurement[]> => [
  await measured("film.record.p95", false, 3_000),
  await measured("film.ecg.p95", true, 5_000),
];

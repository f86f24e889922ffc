import { sign } from "node:crypto";
import { nodeRandom } from "#demo/node-client.ts";
import { entriesOfPaper } from "#domain/paper/entries.ts";
import type { PaperForm } from "#domain/paper/form.ts";
import { type ChainRun, headStatement } from "#protocol/push.ts";
import { reservePack } from "#server/paper/packs.ts";
import { type ChainEnd, chainStart, sealEntry } from "#sync/chain.ts";
import { sha256, uuid7 } from "../bench/workload.ts";
import type { TestServer } from "./boot.ts";
import type { TestDesk } from "./desk.ts";
import { controlLogOf } from "./devices.ts";

/** A pack as `holdfast paper` reserves it: `NM-48210001`. */
export const printedPack = (server: Pick<TestServer, "cells">, forms: number): Promise<string> =>
  reservePack(controlLogOf(server), "NM", server.cells.get("northmoor")!.state().incarnation, forms);

export interface ReadOff {
  form: PaperForm;
  number: string;
  by: { userId: string; name: string };
  /** The record made meanwhile, with where this desk's chain in it goes on. */
  about?: { recordId: string; about: string; end: ChainEnd } | undefined;
}

/** A form as a desk signs it. */
export const paperRun = async (
  { device }: Pick<TestDesk, "device">,
  { about, ...read }: ReadOff,
): Promise<ChainRun> => {
  const { deviceId, privateKey } = device;
  const recordId = about?.recordId ?? uuid7();
  const clock = { nowMs: Date.now, timeZone: () => "Europe/London" };
  const sealing = { deviceId, clock, random: nodeRandom, hash: sha256, serverOffset: undefined };
  let end: ChainEnd = about?.end ?? chainStart;
  const entries: string[] = [];
  for (const draft of entriesOfPaper({ ...read, about: about?.about, demonstration: true })) {
    const { text, hash } = await sealEntry({ recordId, ...draft }, end, sealing);
    entries.push(text);
    end = { n: end.n + 1, prev: hash };
  }
  const head = { n: end.n - 1, hash: end.prev! };
  const statement = Buffer.from(headStatement({ deviceId, recordId, ...head }));
  const signature = sign("sha256", statement, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
  return { deviceId, recordId, entries, head: { ...head, signature } };
};

/** A form with nothing on it but who and when, to be filled by the test. */
export const blankForm = (more: Partial<PaperForm> = {}): PaperForm => ({
  at: "2026-01-15T10:00:00.000Z",
  author: { name: "Testcase Medic", staffNumber: "NM1001", role: "Paramedic" },
  crew: [],
  callSign: "NM201",
  times: {},
  patient: { identity: "unknown" },
  allergies: { allergies: { no: "not-asked" } },
  observations: [],
  drugs: [],
  ...more,
});

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { anySignIn } from "#demo/node-session.ts";
import type { Author } from "#domain/entry/entry.ts";
import type { EnrolResponse } from "#protocol/enrolment.ts";
import { type ChainRun, headStatement } from "#protocol/push.ts";
import type { GrantSignIn } from "#protocol/sign-in.ts";
import { protocolVersion } from "#protocol/version.ts";
import { type ChainEnd, chainStart, sealEntry } from "#sync/chain.ts";

/** UUIDv7 of now. */
export const uuid7 = (): string => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

const crew: Author = { userId: "bench", name: "Bench Crew", role: "paramedic", signIn: "demonstration" };

export const sealingOf = (deviceId: string) => ({
  deviceId,
  clock: { nowMs: Date.now, timeZone: () => "Europe/London" },
  random: { uuid: uuid7, hex: (bytes: number) => randomBytes(bytes).toString("hex"), unit: Math.random },
  hash: sha256,
  serverOffset: { offsetMs: 12, measuredAtMs: Date.now() },
});

/** A device with a key of its own, as the server knows it after enrolment. */
export interface LoadDevice {
  deviceId: string;
  privateKey: KeyObject;
  publicKey: { kty: "EC"; crv: "P-256"; x: string; y: string };
  token: string;
  /** Of a tablet: lets one of its people in. */
  signIn?: GrantSignIn | undefined;
}

export const newDevice = (): LoadDevice => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  return { deviceId: uuid7(), privateKey, publicKey: { kty: "EC", crv: "P-256", x: x!, y: y! }, token: "" };
};

/** Where a load record has got to: what the next entry must name. */
export interface LoadRecord {
  recordId: string;
  end: ChainEnd;
}
export const newRecord = (): LoadRecord => ({ recordId: uuid7(), end: chainStart });

/** What a crew writes: the call first, then where to, then sets of observations with a drug or a note between them. */
export const bodyOf = (n: number): { kind: string; body: Record<string, unknown> } => {
  const vital = (value: number) => ({ value: String(value), from: "hand" });
  if (n === 1) return { kind: "incident", body: { callSign: "B001", crew: [crew], demonstration: true } };
  if (n === 2)
    return {
      kind: "destination",
      body: { site: { siteId: "southgate-ed", name: "Southgate ED" }, outcome: "see-and-convey" },
    };
  if (n % 5 === 0)
    return { kind: "note", body: { text: `Load generator's note ${n}: comfortable, no change since the last set.` } };
  return {
    kind: "observations",
    body: {
      respirations: vital(14 + (n % 9)),
      spo2: vital(92 + (n % 7)),
      systolic: vital(100 + (n % 50)),
      diastolic: vital(60 + (n % 30)),
      pulse: vital(60 + (n % 60)),
      inspired: { is: "air", from: "hand" },
      acvpu: { is: "A", from: "hand" },
      temperature: { value: `36.${n % 10}`, from: "hand" },
    },
  };
};

/** The next entries of a record, sealed and signed as the tablet does it. Advances `record`. */
export const nextRun = async (device: LoadDevice, record: LoadRecord, entries: number): Promise<ChainRun> => {
  const texts: string[] = [];
  for (let i = 0; i < entries; i++) {
    const draft = { recordId: record.recordId, author: crew, ...bodyOf(record.end.n) };
    const sealed = await sealEntry(draft, record.end, sealingOf(device.deviceId));
    texts.push(sealed.text);
    record.end = { n: record.end.n + 1, prev: sealed.hash };
  }
  const head = { deviceId: device.deviceId, recordId: record.recordId, n: record.end.n - 1, hash: record.end.prev! };
  const signature = sign("sha256", Buffer.from(headStatement(head)), {
    key: device.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return {
    deviceId: device.deviceId,
    recordId: record.recordId,
    entries: texts,
    head: { n: head.n, hash: head.hash, signature: signature.toString("base64url") },
  };
};

export const pushBody = (chains: ChainRun[]): string =>
  JSON.stringify({ protocol: protocolVersion, epochSeen: 0, chains });

export const enrolBody = (device: LoadDevice, code: string): string =>
  JSON.stringify({
    protocol: protocolVersion,
    code,
    deviceId: device.deviceId,
    publicKey: device.publicKey,
    name: "load",
  });
/** The device with what an enrolment's answer gave it. */
export const withEnrolment = async (device: LoadDevice, body: string): Promise<LoadDevice> => {
  const answer = JSON.parse(body) as EnrolResponse;
  return { ...device, token: answer.token, signIn: await anySignIn(answer) };
};

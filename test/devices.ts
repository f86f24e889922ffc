import { hash, randomUUID, sign } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { anySignIn } from "#demo/node-session.ts";
import type { Author, Ref } from "#domain/entry/entry.ts";
import type { EnrolResponse } from "#protocol/enrolment.ts";
import { type ChainRun, headStatement, type PushResponse } from "#protocol/push.ts";
import { reasonHeader } from "#protocol/reason.ts";
import type { SignedIn, SignedInPerson } from "#protocol/sign-in.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import { issueToken } from "#server/identity/tokens.ts";
import { createControlLog } from "#server/logs/control-log.ts";
import type { RunningServer } from "#server/main.ts";
import type { CellZone } from "#server/trusts.ts";
import { chainStart, sealEntry } from "#sync/chain.ts";
import { enrolBody, type LoadDevice, type LoadRecord, newDevice, sha256, uuid7 } from "../bench/workload.ts";
import { bindToken, type CallTo, call } from "./boot.ts";

export interface TestDevice extends LoadDevice {
  zone: CellZone;
  trust: string;
  enrolment: EnrolResponse;
  /** The device's own; `token` is that of the person who is signed in on it. */
  deviceToken: string;
}

/** Who is signed in on a test's devices, unless it says otherwise. */
const testPeople: Record<CellZone, Omit<SignedInPerson, "userId">> = {
  crew: { name: "Testcase Crew", roles: ["paramedic"], strength: "pin" },
  care: { name: "Testcase Doctor", roles: ["hospital-doctor"], strength: "passkey" },
  control: {
    name: "Testcase Officer",
    roles: ["governance", "security", "continuity", "configuration", "records"],
    strength: "passkey",
  },
};

/** Gives a person a session on an enrolled device, as any way of signing in does; the same device with the person's token. */
export const signInTestPerson = async (
  server: Pick<RunningServer, "cells">,
  device: TestDevice,
  person: Partial<SignedInPerson> = {},
): Promise<TestDevice> => {
  const { deviceId, zone, trust, publicKey } = device;
  const { accessToken } = await server.cells.get(trust)!.sessions.open({
    // A person of each device's own, since one person is signed in at a few places at most.
    person: { ...testPeople[zone], userId: `test-${deviceId}`, ...person },
    deviceId,
    zone,
    siteId: device.enrolment.site?.siteId,
    keyThumbprint: thumbprintOf(publicKey),
  });
  const signedIn = { ...device, token: accessToken };
  bindToken(signedIn);
  return signedIn;
};

/** The control log of a trust, as the desk writes it. */
export const controlLogOf = (server: Pick<RunningServer, "cells">, trust = "northmoor") => {
  const { pools, keyRing } = server.cells.get(trust)!;
  return createControlLog(pools.control, keyRing, "append_control");
};

/** A token of another system's at a site, bound to a test device's key; the desk knows the connection. */
export const connectTestSystem = async (
  server: Pick<RunningServer, "cells">,
  { trust, publicKey, privateKey }: TestDevice,
  siteId = southgate.siteId,
): Promise<string> => {
  const cell = server.cells.get(trust)!;
  const connectionId = randomUUID();
  const keys = [{ kty: "EC", kid: "1", crv: "P-384", x: "x", y: "y" }];
  const state = { name: "Test system", siteId, keys, types: ["*"], proof: "dpop" };
  await controlLogOf(server, trust).append([{ kind: "connection", id: connectionId, state, by: {} }]);
  while (cell.connections.active(connectionId) === undefined) await setImmediate();
  const token = issueToken(cell.keyRing.tokenKey, {
    deviceId: connectionId,
    connection: { name: state.name, types: ["*"], version: cell.connections.active(connectionId)!.version },
    zone: "care",
    siteId,
    keyThumbprint: thumbprintOf(publicKey),
    readsUntilMs: Date.now() + 600_000,
  });
  bindToken({ token, publicKey, privateKey });
  return token;
};

/** The device with nobody signed in on it. */
export const alone = (device: TestDevice): TestDevice => ({ ...device, token: device.deviceToken });

/**
 * A device of the demonstration with a person signed in, enrolled over HTTP: a tablet on `crew`, a screen of Southgate ED (or
 * another) on `care`.
 */
export const enrolTestDevice = async (
  server: Pick<RunningServer, "ports"> & Partial<Pick<RunningServer, "cells">>,
  zone: CellZone,
  code = zone === "crew" ? "DEMO-TABLET-1" : "DEMO-SCREEN-SOUTHGATE",
  trust = "northmoor",
): Promise<TestDevice> => {
  const device = newDevice();
  const answer = await call(server, { zone, trust, path: "/identity/v1/enrol", body: enrolBody(device, code) });
  if (answer.status !== 200) throw new Error(`enrolment answered ${answer.status}: ${answer.text}`);
  const enrolment = answer.json<EnrolResponse>();
  const deviceToken = enrolment.token;
  const enrolled = { ...device, zone, trust, token: deviceToken, deviceToken, enrolment };
  bindToken(enrolled);
  if (server.cells !== undefined) return signInTestPerson({ cells: server.cells }, enrolled);
  // A server in another process is reached by what it answers alone, and lets in a tablet's crew by their grants.
  const body = await anySignIn(enrolment);
  if (body === undefined) return enrolled;
  const path = "/identity/v1/sign-in/grant";
  const granted = await call(server, { zone, trust, path, body, token: deviceToken });
  if (granted.status !== 200) throw new Error(`the grant was answered ${granted.status}: ${granted.text}`);
  const signedIn = { ...enrolled, token: granted.json<SignedIn>().accessToken };
  bindToken(signedIn);
  return signedIn;
};

/** One device's part of a record; `recordId` of another device's record continues that one. */
export const testChain = (recordId = uuid7()): LoadRecord => ({ recordId, end: chainStart });

export interface TestDraft {
  kind: string;
  body: Record<string, unknown>;
  ref?: Ref;
  id?: string;
  /** Default: now. */
  occurredAt?: string;
  /** Default: a paramedic of the tests. */
  author?: Author;
}

export const southgate = { siteId: "southgate-ed", name: "Southgate ED" };
export const harbour = { siteId: "harbour-ed", name: "Harbour ED" };
export const incident: TestDraft = { kind: "incident", body: { callSign: "NM201", crew: [], demonstration: true } };
export const note = (text: string): TestDraft => ({ kind: "note", body: { text } });
export const destination = (site: { siteId: string; name: string }): TestDraft => ({
  kind: "destination",
  body: { site },
});

/** Seals drafts onto the chain and signs the new head. */
export const runOf = async (device: LoadDevice, chain: LoadRecord, ...drafts: TestDraft[]): Promise<ChainRun> => {
  const entries: string[] = [];
  for (const { id, ...draft } of drafts) {
    const author = { userId: "test", name: "Testcase Crew", role: "Paramedic", signIn: "pin" };
    const sealing = {
      deviceId: device.deviceId,
      clock: { nowMs: Date.now, timeZone: () => "Europe/London" },
      random: {
        uuid: () => id ?? uuid7(),
        hex: (bytes: number) =>
          uuid7()
            .replaceAll("-", "")
            .slice(0, bytes * 2),
        unit: Math.random,
      },
      hash: sha256,
      serverOffset: undefined,
    };
    const sealed = await sealEntry({ recordId: chain.recordId, author, ...draft }, chain.end, sealing);
    entries.push(sealed.text);
    chain.end = { n: chain.end.n + 1, prev: sealed.hash };
  }
  const { deviceId } = device;
  const { recordId } = chain;
  const head = { n: chain.end.n - 1, hash: chain.end.prev! };
  return {
    deviceId,
    recordId,
    entries,
    head: { ...head, signature: signHead(device, { deviceId, recordId, ...head }) },
  };
};

const signHead = (device: LoadDevice, head: Parameters<typeof headStatement>[0]): string =>
  sign("sha256", Buffer.from(headStatement(head)), { key: device.privateKey, dsaEncoding: "ieee-p1363" }).toString(
    "base64url",
  );

/** Pushes runs as this device and expects 200. */
export const push = async (
  server: CallTo,
  { zone, trust, token }: TestDevice,
  ...chains: ChainRun[]
): Promise<PushResponse> => {
  const answer = await call(server, {
    zone,
    trust,
    token,
    path: "/sync/v1/push",
    body: { protocol: 1, epochSeen: 0, chains },
  });
  if (answer.status !== 200) throw new Error(`push answered ${answer.status}: ${answer.text}`);
  return answer.json<PushResponse>();
};

/** Sends a chunk of an attachment, by itself the whole of it. `sha256` and `length` are what the sender says of the whole. */
export const sendChunk = (
  server: CallTo,
  { zone, trust, token }: TestDevice,
  recordId: string,
  data: Buffer,
  { offset = 0, length = data.length, sha256 = hash("sha256", data), type = "text/plain" } = {},
) =>
  call(server, {
    zone,
    trust,
    token,
    method: "PATCH",
    path: `/blobs/v1/${recordId}/${sha256}`,
    body: data,
    headers: {
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
      "upload-length": String(length),
      "upload-type": type,
    },
  });

/** Asks for a record from its beginning, with a reason where it is a stranger's; the answer's part about it. */
export const pull = async (server: CallTo, { zone, trust, token }: TestDevice, recordId: string, reason?: string) => {
  const body = { protocol: 1, records: { [recordId]: { epoch: 0, position: 0 } } };
  const headers = reason === undefined ? {} : { [reasonHeader]: encodeURIComponent(reason) };
  const answer = await call(server, { zone, trust, token, path: "/sync/v1/pull", body, headers });
  if (answer.status !== 200) throw new Error(`pull answered ${answer.status}: ${answer.text}`);
  // biome-ignore lint/suspicious/noExplicitAny: a test asks for whatever field it expects
  return answer.json<{ records: Record<string, any> }>().records[recordId];
};

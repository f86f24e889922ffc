import type { AttachResponse } from "#protocol/attach.ts";
import { checkCertificate, readStatement } from "#protocol/certificate.ts";
import type { SignedStatement } from "#protocol/grants.ts";
import type { HeartbeatResponse } from "#protocol/heartbeat.ts";
import { thumbprintText } from "#protocol/proof.ts";
import { serverList } from "#protocol/servers.ts";
import { sha256Base64url } from "./bytes.ts";
import type { Enrolment } from "./client.ts";
import type { Database } from "./database.ts";
import { emptyKit, readDowntime } from "./downtime.ts";
import type { StoredDevice } from "./enrolment.ts";
import { dropSiteKeys, takeSiteKeys } from "./film/site-key-store.ts";
import { isSigned } from "./grants.ts";
import { type OpenKeys, takeRoster } from "./roster.ts";
import { sealText } from "./sealing.ts";
import { things } from "./things.ts";

/**
 * Takes over what a heartbeat's answer brought: a new certificate with its token, the roster, and what is shown in a downtime. Without keys (a locked tablet)
 * a renewal has to wait for the next heartbeat. Resolves to the device as it is then, and its new token if there is one.
 */
export const takeAnswer = async (
  database: Database,
  device: StoredDevice,
  answer: HeartbeatResponse,
  keys: OpenKeys | undefined,
): Promise<{ device: StoredDevice; token?: string }> => {
  const { renewed, roster, downtime, server } = answer;
  let now = device;
  let token: string | undefined;
  if (renewed && keys && (await isOurs(device, answer))) {
    const { certificate, issuerKeys } = renewed;
    now = { ...now, enrolment: { ...now.enrolment, certificate, issuerKeys } };
    token = renewed.token;
    const rows = [
      { name: things.enrolment, value: now.enrolment },
      { name: things.token, value: await sealText(keys.dataKey, things.token, token) },
    ];
    await database.write(["things"], (tables) => tables.things.bulkPut(rows));
  }
  if (roster) {
    const { people, lockRules, inboxKey, siteKeys } = roster;
    const also = { lockRules, ...(inboxKey && { inboxKey }), ...(siteKeys && { siteKeys }) };
    const withRules = { ...now, enrolment: { ...now.enrolment, ...also } };
    now = await takeRoster(database, withRules, { people, time: server.time }, keys);
  }
  if (answer.servers) {
    const serverUrls = await readServers(now.enrolment, answer.servers, server.trust);
    if (serverUrls !== undefined) {
      now = { ...now, enrolment: { ...now.enrolment, serverUrls } };
      await database.set(things.enrolment, now.enrolment);
    }
  }
  if (downtime) {
    const { downtimeKit = emptyKit, issuerKeys = [] } = now.enrolment;
    const kit = await readDowntime(downtime, downtimeKit, issuerKeys);
    now = { ...now, enrolment: { ...now.enrolment, downtimeKit: kit } };
    await database.set(things.enrolment, now.enrolment);
  }
  await takeFilmKeys(database, now, answer, keys);
  return { device: now, ...(token !== undefined && { token }) };
};

/** The trust's servers for this kind of device; undefined for a list that the trust did not sign, or another's. */
export const readServers = async (
  { kind, site, issuerKeys = [] }: Pick<Enrolment, "kind" | "site" | "issuerKeys">,
  signed: SignedStatement,
  trust: string,
): Promise<string[] | undefined> => {
  const read = await readStatement(serverList, signed, issuerKeys, isSigned);
  if (!("says" in read) || read.says.trust !== trust) return undefined;
  // A desk is a screen of no site.
  const zone = kind === "tablet" ? "crew" : site === undefined ? "control" : "care";
  return read.says[zone];
};

/** A screen that is active takes what its base wrapped for it; one that is not loses what it had. */
const takeFilmKeys = async (
  database: Database,
  { enrolment, identity: { deviceId } }: StoredDevice,
  { siteKeys, state, server: { trust } }: HeartbeatResponse,
  keys: OpenKeys | undefined,
): Promise<void> => {
  const siteId = enrolment.site?.siteId;
  if (siteId === undefined) return;
  if (state !== "active") await dropSiteKeys(database);
  else if (siteKeys && keys) await takeSiteKeys(database, keys.dataKey, siteKeys, { trust, siteId, deviceId });
};

/** A certificate of another trust, or over another key, is not taken: the one that is held goes on. */
const isOurs = async (
  { identity, enrolment }: StoredDevice,
  { renewed, server }: HeartbeatResponse,
): Promise<boolean> => {
  if (renewed === undefined) return false;
  // The base's own clock judges its certificate: a device whose clock is a day off is renewed too.
  const nowMs = Date.parse(server.time);
  const keyThumbprint = await sha256Base64url(thumbprintText(identity.publicKey));
  const holder = { trust: server.trust, deviceId: identity.deviceId, keyThumbprint, nowMs };
  const known = [...(enrolment.issuerKeys ?? []), ...renewed.issuerKeys];
  return "says" in (await checkCertificate(renewed.certificate, holder, known, isSigned));
};

/** Keeps the tokens of a server that the device came to anew. Without keys (a locked tablet) the one that only pushes. */
export const takeTokens = async (
  database: Database,
  device: StoredDevice,
  { token, pushToken }: AttachResponse,
  keys: OpenKeys | undefined,
): Promise<StoredDevice> => {
  const enrolment = { ...device.enrolment, ...(pushToken !== undefined && { pushToken }) };
  const rows = [
    { name: things.enrolment, value: enrolment },
    ...(keys !== undefined && token !== undefined
      ? [{ name: things.token, value: await sealText(keys.dataKey, things.token, token) }]
      : []),
  ];
  await database.write(["things"], (tables) => tables.things.bulkPut(rows));
  return { ...device, enrolment };
};

import { describe, expect, it } from "vitest";
import { base64url, utf8 } from "./bytes.ts";
import { believedNowMs, clockAtContact, readGrant } from "./grants.ts";
import { createIdentity, signerOf } from "./keys.ts";

const deviceId = "00000000-0000-7000-8000-00000000000d";
const statement = (part: Record<string, unknown> = {}) =>
  JSON.stringify({
    type: "grant",
    trust: "northmoor",
    deviceId,
    userId: "u1",
    name: "DEMO-Medic",
    roles: ["paramedic"],
    staffNumber: "N0001",
    notAfter: "2026-12-10T00:00:00.000Z",
    ...part,
  });
const of = { deviceId, userId: "u1" };

describe("a grant", async () => {
  const issuer = await createIdentity();
  const signed = async (text: string) => ({ statement: text, signature: await signerOf(issuer).sign(text) });

  it("is read when one of the trust's keys signed it", async () => {
    const older = await createIdentity();
    const grant = await readGrant(await signed(statement()), [older.publicKey, issuer.publicKey], of);
    expect(grant?.notAfter).toBe("2026-12-10T00:00:00.000Z");
  });

  it("of another issuer, device, person or type, or changed by a letter, is none", async () => {
    const keys = [issuer.publicKey];
    const stranger = await createIdentity();
    expect(await readGrant(await signed(statement()), [stranger.publicKey], of)).toBeNull();
    expect(await readGrant(await signed(statement()), keys, { ...of, deviceId: issuer.deviceId })).toBeNull();
    expect(await readGrant(await signed(statement()), keys, { ...of, userId: "u2" })).toBeNull();
    expect(await readGrant(await signed(statement({ type: "certificate" })), keys, of)).toBeNull();
    const { signature } = await signed(statement());
    expect(
      await readGrant({ statement: statement({ notAfter: "2027-12-10T00:00:00.000Z" }), signature }, keys, of),
    ).toBeNull();
    for (const bad of ["", "not base64 !", base64url(utf8("short"))])
      expect(await readGrant({ statement: statement(), signature: bad }, keys, of)).toBeNull();
  });
});

describe("the believed time", () => {
  const contact = clockAtContact("2026-11-23T06:00:00.000Z", Date.parse("2026-11-24T06:00:00.000Z"));
  it("corrects a device clock that is a day fast", () =>
    expect(believedNowMs(contact, Date.parse("2026-11-24T07:00:00.000Z"))).toBe(
      Date.parse("2026-11-23T07:00:00.000Z"),
    ));
  it("does not go back with the device's clock", () =>
    expect(believedNowMs(contact, Date.parse("2020-01-01T00:00:00.000Z"))).toBe(contact.floorMs));
});

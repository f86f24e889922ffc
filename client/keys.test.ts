import { pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pinProofOf as nodeProofOf, pinKeys } from "#server/identity/pin-keys.ts";
import { base64url, fromBase64url, utf8 } from "./bytes.ts";
import {
  createIdentity,
  createScreenKey,
  createTabletKey,
  openWrap,
  pinProofOf,
  signerOf,
  wrapForMore,
} from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { sealText, unsealText } from "./sealing.ts";

const rounds = 1_000;

/** What the base sends at enrolment: of both keys of a PIN the one that wraps. */
const rostered = (userId: string, pin: string) => {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const result = pbkdf2Sync(pin, salt, rounds, 32, "sha256");
  const { wrap, proof } = pinKeys(result);
  const pinWrap = { salt: base64url(salt), rounds, key: wrap };
  return { person: { userId, name: "DEMO-Medic", role: "Paramedic", pinWrap }, proof, result };
};
const personOf = (userId: string, pin: string) => rostered(userId, pin).person;

const grant = { statement: '{"type":"grant"}', signature: "signed" };

describe("a tablet's data key", () => {
  it("opens under each rostered person's PIN, without a network, and under no other", async () => {
    const rows = [rostered("demo-1", "1111"), rostered("demo-2", "2222")];
    const { dataKey, wraps } = await createTabletKey(rows.map(({ person }) => person));
    const sealed = await sealText(dataKey, "row", "DEMO text");
    for (const [index, pin] of ["1111", "2222"].entries()) {
      const { dataKey: opened, pinKey } = (await openWrap(wraps[index]!, pin))!;
      expect(await unsealText(opened, "row", sealed)).toBe("DEMO text");
      expect([opened.extractable, pinKey.extractable]).toEqual([false, false]);
      const proof = await pinProofOf(pinKey, grant);
      expect(proof).toBe(nodeProofOf(rows[index]!.proof, grant).toString("base64url"));
      // What the tablet was told of the person makes another.
      expect(proof).not.toBe(nodeProofOf(rows[index]!.person.pinWrap.key, grant).toString("base64url"));
    }
    expect(await openWrap(wraps[0]!, "2222")).toBeNull();
    expect(JSON.stringify(wraps)).not.toContain(rows[0]!.person.pinWrap.key);
  });

  it("opens a wrap from before there were two keys, and proves the PIN with the key that the base has now", async () => {
    const { person, proof, result } = rostered("demo-1", "1111");
    const [split] = (
      await createTabletKey([{ ...person, pinWrap: { ...person.pinWrap, key: base64url(new Uint8Array(result)) } }])
    ).wraps;
    const { by: _by, ...before } = split!;
    const { pinKey } = (await openWrap(before, "1111"))!;
    expect(await pinProofOf(pinKey, grant)).toBe(nodeProofOf(proof, grant).toString("base64url"));
    expect(await openWrap(before, "2222")).toBeNull();
    expect(await openWrap(split!, "1111")).toBeNull();
  });

  it("is wrapped for somebody who joins the roster later, by whoever has opened it", async () => {
    const { dataKey, itself } = await createTabletKey([personOf("demo-1", "1111")]);
    const sealed = await sealText(dataKey, "row", "DEMO text");
    const [wrap] = await wrapForMore(dataKey, itself, [personOf("demo-3", "3333")], undefined);
    expect(await unsealText((await openWrap(wrap!, "3333"))!.dataKey, "row", sealed)).toBe("DEMO text");
  });

  it("needs the authenticator's key beside the PIN, where the tablet has one", async () => {
    const [authenticator, another] = [await createScreenKey(), await createScreenKey()];
    const { wraps } = await createTabletKey([personOf("demo-1", "1111")], authenticator);
    expect(await openWrap(wraps[0]!, "1111")).toBeNull();
    expect(await openWrap(wraps[0]!, "1111", another)).toBeNull();
    expect(await openWrap(wraps[0]!, "1111", authenticator)).not.toBeNull();
  });

  it("does not open a sealed text that was moved to another row or changed by a bit", async () => {
    const { dataKey } = await createTabletKey([]);
    const sealed = await sealText(dataKey, "row 1", "text");
    await expect(unsealText(dataKey, "row 2", sealed)).rejects.toThrow();
    sealed[20]! ^= 1;
    await expect(unsealText(dataKey, "row 1", sealed)).rejects.toThrow();
  });
});

describe("a device's identity", () => {
  it("signs what its public key verifies, with a key that cannot be copied out", async () => {
    const identity = await createIdentity();
    const signature = fromBase64url(await signerOf(identity).sign("statement"));
    const key = await crypto.subtle.importKey("jwk", identity.publicKey, { name: "ECDSA", namedCurve: "P-256" }, true, [
      "verify",
    ]);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    expect(await crypto.subtle.verify(algorithm, key, signature, utf8("statement"))).toBe(true);
    expect(await crypto.subtle.verify(algorithm, key, signature, utf8("another"))).toBe(false);
    await expect(crypto.subtle.exportKey("jwk", identity.privateKey)).rejects.toThrow();
  });

  it("is a UUID of version 7 that sorts by time", () => {
    const id = browserRandom.uuid();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Math.abs(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - Date.now())).toBeLessThan(60_000);
  });
});

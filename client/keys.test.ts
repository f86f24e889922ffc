import { describe, expect, it } from "vitest";
import { base64url, fromBase64url, utf8 } from "./bytes.ts";
import {
  afterWrongPin,
  createIdentity,
  createTabletKey,
  openWrap,
  type PinAttempts,
  pinWaitMs,
  signerOf,
} from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { sealText, unsealText } from "./sealing.ts";

const rounds = 1_000;

/** What the base sends at enrolment: the result of PBKDF2, never the PIN. */
const rostered = async (userId: string, pin: string) => {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const password = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const key = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
    password,
    256,
  );
  const pinResult = { salt: base64url(salt), rounds, key: base64url(new Uint8Array(key)) };
  return { userId, name: "DEMO-Medic", role: "Paramedic", pin: pinResult };
};

describe("a tablet's data key", () => {
  it("opens under each rostered person's PIN, without a network, and under no other", async () => {
    const people = [await rostered("demo-1", "1111"), await rostered("demo-2", "2222")];
    const { dataKey, wraps } = await createTabletKey(people);
    const sealed = await sealText(dataKey, "row", "DEMO text");
    for (const [index, pin] of ["1111", "2222"].entries()) {
      const opened = await openWrap(wraps[index]!, pin);
      expect(await unsealText(opened!, "row", sealed)).toBe("DEMO text");
      expect(opened!.extractable).toBe(false);
    }
    expect(await openWrap(wraps[0]!, "2222")).toBeNull();
    expect(JSON.stringify(wraps)).not.toContain(people[0]!.pin.key);
  });

  it("does not open a sealed text that was moved to another row or changed by a bit", async () => {
    const { dataKey } = await createTabletKey([]);
    const sealed = await sealText(dataKey, "row 1", "text");
    await expect(unsealText(dataKey, "row 2", sealed)).rejects.toThrow();
    sealed[20]! ^= 1;
    await expect(unsealText(dataKey, "row 1", sealed)).rejects.toThrow();
  });
});

describe("wrong PINs", () => {
  it("are free four times, then wait 30 s and double up to 15 minutes", () => {
    let attempts: PinAttempts | undefined;
    const waits = Array.from({ length: 12 }, () => {
      attempts = afterWrongPin(attempts, 0);
      return pinWaitMs(attempts, 0) / 1000;
    });
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it("never wait longer than the longest, even when the clock was set back ten years", () => {
    expect(pinWaitMs({ wrong: 9, notBeforeMs: Date.UTC(2036, 0) }, Date.UTC(2026, 0))).toBe(900_000);
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

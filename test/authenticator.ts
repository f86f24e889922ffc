import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { challengeText } from "#protocol/sign-in.ts";
import { createControlLog } from "#server/logs/control-log.ts";
import type { RunningServer } from "#server/main.ts";

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: Buffer): string => data.toString("base64url");

/** What a ceremony of this authenticator shows; a test spoils one of them to see it refused. */
export interface Shown {
  origin: string;
  challenges: readonly string[];
  isVerified?: boolean;
  counter?: number;
}

const flags = { present: 0x01, verified: 0x04, hasCredential: 0x40 };

/** CBOR, RFC 8949, of {1: 2, 3: -7, -1: 1, -2: x, -3: y}: how WebAuthn writes a P-256 key. */
const coseKey = (publicKey: KeyObject): Buffer => {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const coordinate = (key: number, value: string) => [Buffer.from([key, 0x58, 32]), Buffer.from(value, "base64url")];
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
  return Buffer.concat([head, ...coordinate(0x21, x), ...coordinate(0x22, y)]);
};

/**
 * Gives a person a passkey in both cells, as if made at the desk. Resolves to its key for a browser's virtual authenticator.
 */
export const givePasskey = async (server: Pick<RunningServer, "cells">, userId: string) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const id = randomBytes(16);
  const key = base64url(coseKey(publicKey));
  const state = { userId, publicKey: key, counter: 0, transports: ["internal"], name: "Test" };
  for (const cell of server.cells.values()) {
    const log = createControlLog(cell.pools.identity, cell.keyRing, "append_identity");
    await log.append([{ kind: "passkey", id: base64url(id), state, by: { userId } }]);
  }
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
  return { credentialId: id.toString("base64"), privateKey: pkcs8, userHandle: Buffer.from(userId).toString("base64") };
};

/** A WebAuthn authenticator with one P-256 credential, without a browser. Its counter goes up by one a ceremony. */
export const softAuthenticator = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const id = randomBytes(16);
  let count = 0;
  const clientData = (type: string, { origin, challenges }: Shown): Buffer => {
    const challenge = base64url(sha256(challengeText(challenges)));
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  };
  const head = ({ origin, isVerified = true, counter = ++count }: Shown, more = 0): Buffer => {
    const numbers = Buffer.alloc(5);
    numbers[0] = flags.present | (isVerified ? flags.verified : 0) | more;
    numbers.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(new URL(origin).hostname), numbers]);
  };
  const credential = { id: base64url(id), rawId: base64url(id), type: "public-key", clientExtensionResults: {} };
  return {
    id: credential.id,
    create: (shown: Shown) => {
      const cose = coseKey(publicKey);
      // An attestation object that attests nothing.
      const data = Buffer.concat([
        head(shown, flags.hasCredential),
        Buffer.alloc(16),
        Buffer.from([0, id.length]),
        id,
        cose,
      ]);
      const text = (word: string) => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)]);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        text("fmt"),
        text("none"),
        text("attStmt"),
        Buffer.from([0xa0]),
        text("authData"),
        Buffer.from([0x58, data.length]),
        data,
      ]);
      const clientDataJSON = base64url(clientData("webauthn.create", shown));
      return {
        ...credential,
        response: { clientDataJSON, attestationObject: base64url(attestationObject), transports: ["internal"] },
      };
    },
    get: (shown: Shown) => {
      const data = head(shown);
      const said = clientData("webauthn.get", shown);
      const signature = sign("sha256", Buffer.concat([data, sha256(said)]), privateKey);
      return {
        ...credential,
        response: {
          clientDataJSON: base64url(said),
          authenticatorData: base64url(data),
          signature: base64url(signature),
        },
      };
    },
  };
};

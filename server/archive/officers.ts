import { combine, split } from "shamir-secret-sharing";

/** The recovery identity is in nobody's hands: each of three officers has a share, and any two make it again. */
export const officers = 3;
const needed = 2;

/** A share as it is printed: what it is, of which trust and officer, and its bytes in hexadecimal by fours, which nobody misreads. */
const heading = (trust: string, officer: number): string =>
  `holdfast recovery share, ${trust}, officer ${officer} of ${officers}`;

/** `identity`: an age identity. Resolves to the text of each officer's share. */
export const splitIdentity = async (trust: string, identity: string): Promise<string[]> => {
  const shares = await split(new TextEncoder().encode(identity), officers, needed);
  return shares.map((share, i) => {
    const hex = Buffer.from(share).toString("hex");
    return `${heading(trust, i + 1)}\n${hex.match(/.{1,4}/g)!.join(" ")}\n`;
  });
};

export class BadShares extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadShares";
  }
}

/** The identity again. Rejects with BadShares that says which share is not one, or that they do not belong together. */
export const joinIdentity = async (texts: readonly string[]): Promise<string> => {
  const shares = texts.map((text, i) => {
    const [, ...lines] = text.trim().split("\n");
    const hex = lines.join("").replace(/\s/g, "");
    if (!/^([0-9a-f]{2}){20,}$/i.test(hex))
      throw new BadShares(`Share ${i + 1} is no share: type it again, heading and all.`);
    return new Uint8Array(Buffer.from(hex, "hex"));
  });
  const distinct = new Set(shares.map((share) => Buffer.from(share).toString("hex")));
  if (distinct.size < needed) throw new BadShares(`Any ${needed} of the ${officers} officers' shares are needed.`);
  const identity = await combine(shares.slice(0, officers)).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => "",
  );
  if (/^AGE-SECRET-KEY-1[0-9A-Z]+$/.test(identity)) return identity;
  throw new BadShares("These shares do not belong together, or one was mistyped.");
};

import type { KeyObject } from "node:crypto";
import {
  BadOpening,
  checkOpening,
  type Opening,
  readOpening,
  type SignedOpening,
  signedOpening,
} from "../epochs/opening.ts";
import type { ArchiveStore } from "./archive-store.ts";

/** The openings that an archive holds beside the segments, in order of their epochs. They are added, and stay. */
export interface Epochs {
  signed(trust: string): Promise<SignedOpening[]>;
  /** What they say; who signed them is for the reader to check. */
  all(trust: string): Promise<Opening[]>;
  add(trust: string, signed: SignedOpening): Promise<void>;
}

export const openingsFolder = (trust: string): string => `${trust}/epochs`;

export const createEpochs = (store: ArchiveStore): Epochs => {
  const known = new Map<string, SignedOpening[]>();
  const signed = async (trust: string): Promise<SignedOpening[]> => {
    const held = known.get(trust);
    if (held) return held;
    const found: SignedOpening[] = [];
    for (const name of await store.list(openingsFolder(trust))) {
      const file = await store.read(`${openingsFolder(trust)}/${name}`);
      const read = signedOpening.safeParse(file && JSON.parse(file.toString()));
      if (!read.success) throw new BadOpening(`${name} is no opening of an epoch.`);
      found.push(read.data);
    }
    known.set(trust, found);
    return found;
  };
  return {
    signed,
    all: async (trust) => (await signed(trust)).map(readOpening),
    add: async (trust, opening) => {
      const name = `${String(readOpening(opening).epoch).padStart(9, "0")}.opening`;
      await store.create(`${openingsFolder(trust)}/${name}`, Buffer.from(JSON.stringify(opening)));
      known.delete(trust);
    },
  };
};

/** What openings say, each signed by enough of the officers. Throws BadOpening. */
export const checkOpenings = (signed: readonly SignedOpening[], officers: readonly KeyObject[]): Opening[] => {
  if (signed.length > 0 && officers.length === 0)
    throw new BadOpening("The archive goes on in another epoch, and nothing says who the trust's officers are.");
  return signed.map((each) => checkOpening(each, officers));
};

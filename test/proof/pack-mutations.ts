import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { pick } from "#demo/random.ts";
import { type PackFiles, packOf, readPack, signedAgain } from "./pack-files.ts";

export interface PackMutationParts {
  pack: Buffer;
  /** Of another trust, good in itself. */
  otherPack: Buffer;
  trust: string;
  logKey: KeyObject;
  otherLogKey: KeyObject;
  random: () => number;
}
/** What somebody does to a pack between the base and the assessor, or with the base's own log key. */
export interface PackMutation {
  name: string;
  /** Undefined where it could not be done here. */
  run(parts: PackMutationParts): Buffer | undefined;
}

const placeIn = (bytes: Buffer, random: () => number): number => Math.floor(random() * bytes.length);
const flipped = (bytes: Buffer, random: () => number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[placeIn(copy, random)]! ^= 1 << Math.floor(random() * 8);
  return copy;
};
const namesOf = (files: PackFiles): string[] => [...files.keys()].filter((name) => name !== "MANIFEST");
/** One bit of one file. */
const changed = ({ pack, random }: PackMutationParts): PackFiles => {
  const files = readPack(pack);
  const name = pick(namesOf(files), random);
  return files.set(name, flipped(files.get(name)!, random));
};
const withKey = (parts: PackMutationParts, files: PackFiles, key = parts.logKey): Buffer =>
  packOf(signedAgain(files, parts.trust, key));
const edited = <T>(parts: PackMutationParts, name: string, edit: (value: T) => void): Buffer => {
  const files = readPack(parts.pack);
  const value = JSON.parse(files.get(name)!.toString()) as T;
  edit(value);
  return withKey(parts, files.set(name, Buffer.from(JSON.stringify(value))));
};
type Proof = { good: boolean; logs: { log: string; lines: number; provenTo: number; cleanLine: number }[] };

/** A line of the timeline, and what is put in its place. */
const withLine = (parts: PackMutationParts, change: (lines: string[], at: number) => string[]): Buffer => {
  const files = readPack(parts.pack);
  const name = pick(
    namesOf(files).filter((each) => each.startsWith("timeline-")),
    parts.random,
  );
  const lines = files.get(name)!.toString().trimEnd().split("\n");
  const text = change(lines, Math.floor(parts.random() * lines.length));
  return withKey(parts, files.set(name, Buffer.from(text.map((line) => `${line}\n`).join(""))));
};

export const packMutations: readonly PackMutation[] = [
  { name: "flip a bit", run: ({ pack, random }) => flipped(pack, random) },
  {
    name: "drop a file",
    run: ({ pack, random }) => {
      const files = readPack(pack);
      files.delete(pick([...files.keys()], random));
      return packOf(files);
    },
  },
  {
    name: "add a file",
    run: ({ pack, random }) => {
      const all = [...readPack(pack)];
      all.splice(Math.floor(random() * (all.length + 1)), 0, ["more.txt", Buffer.from("more")]);
      return packOf(new Map(all));
    },
  },
  {
    name: "swap two files",
    run: ({ pack, random }) => {
      const files = readPack(pack);
      const [a, b] = [pick(namesOf(files), random), pick(namesOf(files), random)];
      const [ofA, ofB] = [files.get(a)!, files.get(b)!];
      return ofA.equals(ofB) ? undefined : packOf(files.set(a, ofB).set(b, ofA));
    },
  },
  {
    name: "put two files in another order",
    run: ({ pack, random }) => {
      const all = [...readPack(pack)];
      const [a, b] = [Math.floor(random() * all.length), Math.floor(random() * all.length)];
      [all[a], all[b]] = [all[b]!, all[a]!];
      return a === b ? undefined : packOf(new Map(all));
    },
  },
  { name: "truncate", run: ({ pack, random }) => pack.subarray(0, placeIn(pack, random)) },
  {
    name: "append",
    run: ({ pack, random }) => Buffer.concat([pack, Buffer.alloc(1 + Math.floor(random() * 2_000))]),
  },
  {
    name: "replace the manifest, with the signature of the other",
    run: (parts) => {
      const files = changed(parts);
      const [, signature] = files.get("MANIFEST")!.toString().split("\n\n");
      const made = signedAgain(files, parts.trust, parts.logKey);
      const [text] = made.get("MANIFEST")!.toString().split("\n\n");
      return packOf(made.set("MANIFEST", Buffer.from(`${text}\n\n${signature}`)));
    },
  },
  {
    name: "sign by another key",
    run: (parts) => {
      const files = parts.random() < 0.5 ? changed(parts) : readPack(parts.pack);
      return withKey(parts, files, generateKeyPairSync("ed25519").privateKey);
    },
  },
  { name: "give another trust's pack", run: ({ otherPack }) => otherPack },
  {
    name: "give another trust's pack under this one's name",
    run: (parts) => packOf(signedAgain(readPack(parts.otherPack), parts.trust, parts.otherLogKey)),
  },
  {
    name: "sign another trust's pack with this one's log key",
    run: (parts) => withKey(parts, readPack(parts.otherPack)),
  },
  {
    name: "leave a line of the timeline out, with the log key",
    run: (parts) => withLine(parts, (lines, at) => lines.toSpliced(at, 1)),
  },
  {
    name: "put a line into the timeline twice, with the log key",
    run: (parts) => withLine(parts, (lines, at) => lines.toSpliced(at, 0, lines[at]!)),
  },
  {
    name: "say in the timeline that somebody else's device did it, with the log key",
    run: (parts) =>
      withLine(parts, (lines, at) => {
        const device = "019a0000-0000-7000-8000-000000000000";
        return lines.with(at, JSON.stringify({ ...JSON.parse(lines[at]!), device }));
      }),
  },
  {
    name: "say other figures of the proof, with the log key",
    run: (parts) =>
      edited<Proof>(parts, "verification.json", (proof) => {
        const figures = pick(proof.logs, parts.random);
        figures[pick(["lines", "provenTo"] as const, parts.random)] += 1;
      }),
  },
  {
    name: "take a log's heads away, with the log key",
    run: (parts) =>
      edited<{ heads: string[] }>(parts, `heads-${pick(["care", "access", "control"], parts.random)}.json`, (all) => {
        all.heads = [];
      }),
  },
  {
    name: "change a head, with the log key",
    run: (parts) =>
      edited<{ heads: string[] }>(parts, `heads-${pick(["care", "access", "control"], parts.random)}.json`, (all) => {
        const at = Math.floor(parts.random() * all.heads.length);
        all.heads[at] = all.heads[at]!.replace(/^time 2/m, "time 3");
      }),
  },
  {
    name: "give another clean point, with the log key",
    run: (parts) =>
      edited<Proof>(parts, "clean-point.json", ({ logs }) => {
        pick(logs, parts.random).cleanLine += 1;
      }),
  },
];

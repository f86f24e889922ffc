import type { KeyObject } from "node:crypto";
import { provesConsistency } from "#defence/log/tree.ts";
import { sha256 } from "../archive/hashing.ts";
import { BadOpening, checkOpening, keysOfEpoch, readOpening, type SignedOpening } from "../epochs/opening.ts";
import { type Checkpoint, logNoteKey, originOf, readCheckpointText } from "./checkpoint.ts";
import { cosignNote, isSignedNote, type NoteKey, noteText, readNote, signatureText } from "./note.ts";

/**
 * A witness, C2SP tlog-witness: it signs that a head goes on from every head that it has signed before. It holds no line of any log and
 * reads nothing; what it remembers is the size and the root that it last signed, durable before the answer leaves.
 */
export interface Witness {
  /** `body` as C2SP's add-checkpoint has it. Resolves to the lines to answer; rejects with WitnessRefusal or BadNote. */
  add(body: string): Promise<string>;
  /**
   * Follows the trust's log into another epoch: from now on its key alone counts. Rejects with BadOpening. Where the epoch goes on from
   * before what was signed last, by the officers' word that is where it goes on from.
   */
  openEpoch(opening: SignedOpening): Promise<void>;
  /** The last heads that it signed, as notes. */
  heads(): string[];
}

/** Says why nothing was signed. `size`: of the head that was signed last, for whoever named another. */
export class WitnessRefusal extends Error {
  readonly status: 400 | 403 | 404 | 409 | 422;
  readonly size: number | undefined;
  constructor(status: WitnessRefusal["status"], message: string, size?: number) {
    super(message);
    this.name = "WitnessRefusal";
    this.status = status;
    this.size = size;
  }
}

/** Where the last head of each log is kept. */
export interface WitnessMemory {
  read(origin: string): string | undefined;
  /** Durable when it returns, whole or not at all. */
  write(origin: string, note: string): void;
  openings(trust: string): SignedOpening[];
  addOpening(trust: string, opening: SignedOpening): void;
}

export interface WitnessParts {
  name: string;
  /** Ed25519. */
  key: KeyObject;
  /** Of the logs that it watches, each under its origin as name. */
  logs: readonly NoteKey[];
  memory: WitnessMemory;
  /** Ed25519; empty for a trust whose log is followed into no other epoch. */
  officers?(trust: string): readonly KeyObject[];
  now(): Date;
}

const proofLinesMax = 63;
/** A node's 32 bytes leave two bits of the last sign over: of the spellings with those set, which decoders take too, none is read. */
const startPattern = /^old (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\n)*)\n/;

export const createWitness = ({ name, key, logs, memory, officers = () => [], now }: WitnessParts): Witness => {
  const last = (origin: string, { trust, log }: Pick<Checkpoint, "trust" | "log">) => {
    const note = memory.read(origin);
    const signed = note === undefined ? undefined : readCheckpointText(readNote(note).text);
    const opened = memory.openings(trust).map(readOpening).at(-1);
    // Signed in an epoch that ended before that line: what the next one adopts is what it goes on from.
    const isPast = opened && signed && signed.epoch < opened.epoch && signed.size > opened.adopted[log].position;
    if (isPast) return { size: opened.adopted[log].position, root: opened.adopted[log].root };
    return signed ?? { size: 0, root: Buffer.from(sha256()).toString("hex") };
  };

  // Without a pause between what is read and what is written, so that no two requests go on from the same head.
  const add = (body: string): string => {
    const [start, old, proofLines] = startPattern.exec(body) ?? [];
    if (start === undefined) throw new WitnessRefusal(400, "This is no request of a log.");
    const proof = proofLines!.split("\n").filter((line) => line !== "");
    if (proof.length > proofLinesMax) throw new WitnessRefusal(400, "The proof is too long.");
    const note = readNote(body.slice(start.length));
    const head = readCheckpointText(note.text);
    const origin = originOf(head.trust, head.log);
    const first = logs.filter((each) => each.name === origin);
    if (first.length === 0) throw new WitnessRefusal(404, "This witness does not watch that log.");
    const openings = memory.openings(head.trust).map(readOpening);
    const firstKeys = first.map(({ publicKey }) => publicKey);
    const known = keysOfEpoch(firstKeys, openings, head.epoch).map((each) => logNoteKey(head.trust, head.log, each));
    if (head.epoch < (openings.at(-1)?.epoch ?? 0))
      throw new WitnessRefusal(403, "The officers opened a later epoch: this server's log has ended.");
    if (!known.some((each) => isSignedNote(note, each)))
      throw new WitnessRefusal(403, "No key that this witness knows signed the head.");
    if (Number(old) > head.size) throw new WitnessRefusal(400, "The head is older than what it goes on from.");
    const before = last(origin, head);
    if (before.size !== Number(old)) throw new WitnessRefusal(409, "Another head was signed last.", before.size);
    if (before.size === head.size && before.root !== head.root)
      throw new WitnessRefusal(409, "Another root was signed for this size.", before.size);
    const isConsistent = provesConsistency(
      sha256,
      { size: before.size, root: Buffer.from(before.root, "hex") },
      { size: head.size, root: Buffer.from(head.root, "hex") },
      proof.map((line) => Buffer.from(line, "base64")),
    );
    if (!isConsistent) throw new WitnessRefusal(422, "The log does not go on from what was signed before.");
    const cosignature = cosignNote(note.text, name, key, now());
    memory.write(origin, noteText({ text: note.text, signatures: [...note.signatures, cosignature] }));
    return signatureText(cosignature);
  };
  const openEpoch = (signed: SignedOpening): void => {
    const { trust, epoch } = readOpening(signed);
    const says = checkOpening(signed, officers(trust));
    const before = memory.openings(trust).at(-1);
    if (before?.statement === signed.statement) return;
    if (before && epoch <= readOpening(before).epoch) throw new BadOpening("A later epoch is open already.");
    memory.addOpening(says.trust, signed);
  };
  return {
    add: async (body) => add(body),
    openEpoch: async (signed) => openEpoch(signed),
    heads: () => logs.flatMap(({ name: origin }) => memory.read(origin) ?? []),
  };
};

/** What C2SP's add-checkpoint is asked with. */
export const witnessRequest = (oldSize: number, proof: readonly Uint8Array[], note: string): string =>
  `old ${oldSize}\n${proof.map((node) => `${Buffer.from(node).toString("base64")}\n`).join("")}\n${note}`;

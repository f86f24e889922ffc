import { SetupProblem } from "../config.ts";
import type { SignedOpening } from "../epochs/opening.ts";
import { cosignedAt, type NoteKey, type NoteSignature, readSignatureLine, readVerifier } from "./note.ts";
import { witnessRequest } from "./witness.ts";

/**
 * Why a witness did not sign. `ahead`: it has signed a longer log than this, so lines were lost here; `inconsistent`: this log does not
 * go on from what it has signed; `refused`: it does not know the log or its key; `bad-answer`: its signature is not its own.
 */
export type WitnessFault = "unreachable" | "ahead" | "inconsistent" | "refused" | "bad-answer";

export class NotWitnessed extends Error {
  readonly fault: WitnessFault;
  constructor(fault: WitnessFault, options?: ErrorOptions) {
    super(`A witness did not sign: ${fault}.`, options);
    this.name = "NotWitnessed";
    this.fault = fault;
  }
}

export interface HeadToSign {
  origin: string;
  size: number;
  /** What is signed, and the whole note with the log key's signature. */
  text: string;
  note: string;
  /** That this head goes on from the one of that size. */
  proofFrom(size: number): Promise<Uint8Array[]>;
}

export interface WitnessClient {
  key: NoteKey;
  /** Rejects with NotWitnessed. */
  cosign(head: HeadToSign): Promise<NoteSignature>;
  /** Tells it that the officers opened an epoch. Rejects where it does not take that. */
  openEpoch(opening: SignedOpening): Promise<void>;
}

const answerMsMax = 10_000;

/** `setting`: `<name>+<key id>+<base64>@<address>`, of HOLDFAST_WITNESSES. Throws BadNote. */
export const witnessClient = (setting: string): WitnessClient => {
  const at = setting.indexOf("@");
  const key = readVerifier(setting.slice(0, at));
  const address = setting.slice(at + 1);
  /** Log → the size that this witness signed last, as far as is known here. */
  const seen = new Map<string, number>();

  const ask = async (head: HeadToSign, oldSize: number): Promise<Response> => {
    const body = witnessRequest(oldSize, await head.proofFrom(oldSize), head.note);
    return fetch(`${address}/add-checkpoint`, { method: "POST", body, signal: AbortSignal.timeout(answerMsMax) }).catch(
      (error) => {
        throw new NotWitnessed("unreachable", { cause: error });
      },
    );
  };
  const cosign = async (head: HeadToSign): Promise<NoteSignature> => {
    // Nothing is proved from 0: it asks at little cost where the witness is.
    let answer = await ask(head, seen.get(head.origin) ?? 0);
    if (answer.status === 409) {
      const size = Number(await answer.text());
      if (size > head.size) throw new NotWitnessed("ahead");
      answer = await ask(head, size);
    }
    if (answer.status === 409 || answer.status === 422) throw new NotWitnessed("inconsistent");
    if (answer.status >= 500) throw new NotWitnessed("unreachable");
    if (!answer.ok) throw new NotWitnessed("refused");
    return signatureOf(head, await answer.text());
  };
  const signatureOf = (head: HeadToSign, said: string): NoteSignature => {
    for (const line of said.split("\n").slice(0, 16))
      try {
        const signature = readSignatureLine(line);
        if (cosignedAt(head.text, signature, key)) return signature;
      } catch {
        // A signature of a kind that is not known here.
      }
    throw new NotWitnessed("bad-answer");
  };
  return {
    key,
    openEpoch: async (opening) => {
      const body = JSON.stringify(opening);
      const answer = await fetch(`${address}/open-epoch`, {
        method: "POST",
        body,
        signal: AbortSignal.timeout(answerMsMax),
      });
      if (!answer.ok) throw new Error(`The witness answered ${answer.status}: ${await answer.text()}`);
    },
    cosign: async (head) => {
      try {
        const signature = await cosign(head);
        seen.set(head.origin, head.size);
        return signature;
      } catch (error) {
        seen.delete(head.origin);
        throw error;
      }
    },
  };
};

/** Of HOLDFAST_WITNESSES. Throws SetupProblem for one that is named by no key. */
export const openWitnesses = (settings: readonly string[]): WitnessClient[] =>
  settings.map((setting) => {
    try {
      return witnessClient(setting);
    } catch (error) {
      throw new SetupProblem(
        "bad-witness",
        `HOLDFAST_WITNESSES names a witness by no key: ${(error as Error).message}`,
        "copy what `holdfast witness` prints when it starts.",
      );
    }
  });

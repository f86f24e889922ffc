import { join } from "node:path";
import { createSequencer, type Sequencer, type SequencerParts } from "#sync/sequencer.ts";
import { letterboxClient } from "../archive/letterbox-client.ts";
import { readFirstLogKeys } from "../archive/log-key.ts";
import { SetupProblem } from "../config.ts";
import { readOfficers } from "../epochs/officers.ts";
import { existingSecret } from "../secrets.ts";
import { createFollower, type FollowerParts } from "./follower.ts";
import { createHeldLog } from "./held-log.ts";
import { answeringHeld } from "./held-sequencer.ts";
import { createRehearsal, type RehearsalParts } from "./rehearsal.ts";
import { openReplicaDatabase } from "./replica-database.ts";

/** What makes a cell a standby: its log comes from the archive, and what is pushed to it is held beside the log. */
export interface Standby {
  /** When the base received the last entry that is here; null before the first. */
  asOf(): string | null;
  /** Decides what is pushed, and acknowledges none of it. */
  sequencerOf(parts: Omit<SequencerParts, "store">): Sequencer;
  /** From now on it follows the archive, and rehearses a restore from it every night. */
  start(): void;
  close(): Promise<void>;
}

export interface OpenStandbyParts extends Pick<FollowerParts, "trust" | "keyRing" | "url" | "onFault"> {
  dataDirectory: string;
  letterbox: string;
  /** Where the archive is restored into every night. */
  cluster: RehearsalParts["cluster"];
  onRehearsed: RehearsalParts["onResult"];
}

const fromInit = "put into HOLDFAST_DATA what `holdfast archive init` made in its folder `standby`.";

/**
 * Brings the database up to the archive. Throws SetupProblem where a key is missing, and where the archive cannot be read and nothing was
 * ever read of it; a standby that has something serves it.
 */
export const openStandby = async (parts: OpenStandbyParts): Promise<Standby> => {
  const { dataDirectory, trust, keyRing, url, onFault } = parts;
  const secret = (...path: string[]) => existingSecret(join(dataDirectory, ...path), fromInit);
  const letterbox = letterboxClient(parts.letterbox, secret("secrets", "letterbox"));
  const identity = secret("keys", `${trust}.identity`);
  const logKeys = readFirstLogKeys(dataDirectory, trust);
  const officers = readOfficers(dataDirectory, trust);
  const database = await openReplicaDatabase(url);
  const follower = createFollower({ trust, database, url, keyRing, letterbox, logKeys, officers, identity, onFault });
  try {
    await follower.catchUp();
  } catch (error) {
    onFault("care", "unreachable", error);
    const { rows } = await database.query<{ lines: string }>("SELECT count(*) AS lines FROM subject");
    if (Number(rows[0]!.lines) === 0) {
      await database.close();
      throw new SetupProblem(
        "no-letterbox",
        `The letterbox at ${parts.letterbox} cannot be read, and this standby has nothing of ${trust} yet.`,
        "see that the letterbox runs, that it holds the trust's archive, and that secrets/letterbox is its secret to read with.",
      );
    }
  }
  const held = createHeldLog(database, keyRing);
  const rehearsal = createRehearsal({
    ...{ trust, letterbox, logKeys, officers, identity, dataDirectory },
    ...{ cluster: parts.cluster, pool: database.pool, onResult: parts.onRehearsed },
  });
  return {
    asOf: follower.asOf,
    sequencerOf: (deciding) => answeringHeld(createSequencer({ ...deciding, store: held }), held),
    start: () => {
      follower.start();
      rehearsal.start();
    },
    close: async () => {
      await rehearsal.close();
      await follower.close();
      await database.close();
    },
  };
};

import { hash } from "node:crypto";
import type { Verdict } from "#sync/check-run.ts";
import { createSequencer, type Sequencer, type SequencerParts } from "#sync/sequencer.ts";
import { isSignedBy } from "../identity/device-key.ts";
import type { Devices } from "../identity/devices.ts";
import type { CareLog } from "../logs/care-log.ts";
import type { Standby } from "../standby/open-standby.ts";

/** What decides over pushes. They differ in whose signatures count. */
export interface Sequencers {
  /** What devices push. */
  sequencer: Sequencer;
  /** What the desk has released: it takes a revoked device's word. */
  released: Sequencer;
  /** Paper forms after their first hand: everything waits for its check. */
  holding: Sequencer;
}

export interface SequencersParts {
  store: CareLog;
  devices: Devices;
  standby: Standby | undefined;
  onSecurityEvent: SequencerParts["onSecurityEvent"];
}

export const createSequencers = ({ store, devices, standby, onSecurityEvent }: SequencersParts): Sequencers => {
  const verify =
    (released: boolean) =>
    async (deviceId: string, statement: string, signature: string): Promise<Verdict> => {
      const device = await devices.find(deviceId);
      if (device === undefined) return "unknown-device";
      if (!isSignedBy(device.publicKey, statement, signature)) return "invalid";
      return released || device.state === "active" ? "valid" : "revoked-device";
    };
  const sequencing = { store, hash: (text: string) => hash("sha256", text, "hex"), onSecurityEvent };
  const ofDevices = { ...sequencing, verify: verify(false) };
  return {
    sequencer: standby ? standby.sequencerOf(ofDevices) : createSequencer(ofDevices),
    released: createSequencer({ ...sequencing, verify: verify(true) }),
    holding: createSequencer({
      ...sequencing,
      verify: async (...signed) => {
        const verdict = await verify(false)(...signed);
        return verdict === "valid" ? "awaiting-check" : verdict;
      },
    }),
  };
};

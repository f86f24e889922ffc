import type { PushResponse } from "#protocol/push.ts";
import type { LoadClient } from "./load.ts";
import { type LoadDevice, newRecord, nextRun, pushBody } from "./workload.ts";

/** A push that is sealed, signed and written out before the clock starts. */
export interface PreparedPush {
  device: LoadDevice;
  recordId: string;
  /** The entries' exact bytes, for the raw limit. */
  texts: string[];
  body: string;
}

/** One device's pushes in order: `perPush` entries each, a new record after every `perRecord` entries. */
export const prepare = async (
  device: LoadDevice,
  sizes: { entries: number; perPush: number; perRecord: number },
): Promise<PreparedPush[]> => {
  const pushes: PreparedPush[] = [];
  let record = newRecord();
  for (let sent = 0; sent < sizes.entries; sent += sizes.perPush) {
    if (record.end.n > sizes.perRecord) record = newRecord();
    const run = await nextRun(device, record, sizes.perPush);
    pushes.push({ device, recordId: record.recordId, texts: run.entries, body: pushBody([run]) });
  }
  return pushes;
};

/** Pushes and resolves once every entry is acknowledged as accepted; any other answer ends the measurement. */
export const pushAccepted = async (client: LoadClient, push: PreparedPush): Promise<void> => {
  const { status, body } = await client.post("/sync/v1/push", push.body, push.device);
  checkAccepted(push, status, body);
};

/** Throws unless every entry of the push was answered as accepted. */
export const checkAccepted = (push: PreparedPush, status: number, body: string): void => {
  if (status !== 200) throw new Error(`push answered ${status}: ${body.slice(0, 300)}`);
  const { answers } = JSON.parse(body) as PushResponse;
  const refused = answers.find(({ answer: word }) => word !== "accepted");
  if (refused || answers.length !== push.texts.length)
    throw new Error(`an entry was answered ${JSON.stringify(refused)}`);
};

import { Database, type Durability } from "#client/database.ts";
import { createIdentity, createScreenKey, type DeviceIdentity, signerOf } from "#client/keys.ts";
import { browserClock, browserRandom, hashText } from "#client/ports.ts";
import { createReplicaStore } from "#client/store.ts";
import { type Transport, TransportFailure } from "#sync/ports.ts";
import { createReplica, type Replica } from "#sync/replica.ts";
import type { ReplicaStore } from "#sync/store.ts";

/** What the test calls in the page. */
declare global {
  interface Window {
    /** Gives the test the id of an entry of which this page would show "saved". */
    reportSaved(id: string): void;
    savingPage: {
      saveUntilCut(durability: Durability, writers: number): Promise<void>;
      heldIds(): Promise<string[]>;
    };
  }
}

const noBase = (): Promise<never> =>
  Promise.reject(new TransportFailure("unreachable", "There is no base in this test."));
const transport: Transport = { push: noBase, pull: noBase, heads: noBase };
const author = { userId: "demo-1", name: "DEMO-Medic", role: "Paramedic", signIn: "pin" };

/** The shipped replica over the shipped store; its keys are in the same database, as a screen's are. */
const openReplica = async (durability: Durability): Promise<{ store: ReplicaStore; replica: Replica }> => {
  const database = new Database("power-cut", durability);
  let identity = await database.get<DeviceIdentity>("identity");
  let dataKey = await database.get<CryptoKey>("screen-key");
  if (identity === undefined || dataKey === undefined) {
    identity = await createIdentity();
    dataKey = await createScreenKey();
    await database.set("screen-key", dataKey);
    await database.set("identity", identity);
  }
  const store = createReplicaStore(database, dataKey);
  const parts = {
    store,
    transport,
    signer: signerOf(identity),
    hash: hashText,
    clock: browserClock,
    random: browserRandom,
  };
  return { store, replica: createReplica(parts) };
};

/** One record per writer, entry after entry, as fast as the disk allows; ends when the disk does. */
const saveUntilCut = async (durability: Durability, writers: number): Promise<void> => {
  const { replica } = await openReplica(durability);
  const writer = async () => {
    const recordId = browserRandom.uuid();
    for (;;) {
      const saved = await replica.write({ recordId, kind: "note", body: { text: "Testcase" }, author });
      window.reportSaved(saved.id);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
};

/** Ids of all entries that are there, open under the device's key and match their hash. */
const heldIds = async (): Promise<string[]> => {
  const { store, replica } = await openReplica("strict");
  const held = await Promise.all((await store.records()).map(({ recordId }) => replica.entries(recordId)));
  return held.flat().map(({ id }) => id);
};

window.savingPage = { saveUntilCut, heldIds };

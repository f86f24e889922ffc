import { createMemoryLogStore, LogDisk } from "./memory-log-store.ts";
import { createMemoryReplicaStore, ReplicaDisk } from "./memory-replica-store.ts";
import { logStoreContract, replicaStoreContract } from "./store.contract.ts";

replicaStoreContract("memory", async () => {
  const disk = new ReplicaDisk();
  return { store: createMemoryReplicaStore(disk), reopen: async () => createMemoryReplicaStore(disk) };
});
logStoreContract("memory", async () => ({ store: createMemoryLogStore(new LogDisk()) }));

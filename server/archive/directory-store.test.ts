import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveStoreContract } from "./archive-store.contract.ts";
import { directoryStore } from "./directory-store.ts";

archiveStoreContract("a directory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-store-"));
  return {
    store: directoryStore(folder),
    age: async (name, days) => {
      const then = new Date(Date.now() - days * 86_400_000);
      utimesSync(join(folder, name), then, then);
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

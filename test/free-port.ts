import { createServer } from "node:net";

/** A port that is free now, for a server that is to be found again at the same one. */
export const freePort = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(String(address !== null && typeof address === "object" ? address.port : 0)));
    });
  });

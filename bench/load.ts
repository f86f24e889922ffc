import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { type Bearer, nodeProofs } from "#demo/node-proofs.ts";

interface LoadAnswer {
  status: number;
  body: string;
  retryAfter?: string;
}

/** An HTTP/1.1 client with kept connections: a load generator must cost little beside what it measures. */
export interface LoadClient {
  post(path: string, body: string, as?: Bearer): Promise<LoadAnswer>;
  get(path: string, as?: Bearer): Promise<LoadAnswer>;
  /** Those that sign in a socket. */
  subprotocols(path: string, as: Bearer): Promise<string[]>;
  close(): void;
}

export const loadClient = (port: number, host: string, connections: number): LoadClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  const proofs = nodeProofs();
  const send = (method: string, path: string, body?: string, as?: Bearer) =>
    new Promise<LoadAnswer & { headers: IncomingHttpHeaders }>((resolve, reject) => {
      const headers: Record<string, string | number> = { host: `${host}:${port}` };
      if (body !== undefined) {
        headers["content-type"] = "application/json";
        headers["content-length"] = Buffer.byteLength(body);
      }
      if (as) Object.assign(headers, proofs.headers(method, `http://${host}:${port}${path.split("?", 1)[0]}`, as));
      const outgoing = request({ host: "127.0.0.1", port, path, method, agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const retryAfter = incoming.headers["retry-after"];
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString("utf8"),
            ...(retryAfter && { retryAfter }),
          });
        });
        incoming.on("error", reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  const call = async (method: string, path: string, body?: string, as?: Bearer): Promise<LoadAnswer> => {
    const answer = await send(method, path, body, as);
    return proofs.heard(answer) === "prove-again" ? send(method, path, body, as) : answer;
  };
  return {
    post: (path, body, as) => call("POST", path, body, as),
    get: (path, as) => call("GET", path, undefined, as),
    subprotocols: async (path, as) => {
      await call("GET", "/identity/v1/nonce");
      return proofs.subprotocols(`http://${host}:${port}${path}`, as);
    },
    close: () => agent.destroy(),
  };
};

/** Works through `jobs` with that many at a time; resolves to the seconds it took. */
export const inParallel = async (jobs: readonly (() => Promise<void>)[], atOnce: number): Promise<number> => {
  const started = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < jobs.length) await jobs[next++]!();
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker));
  return (performance.now() - started) / 1000;
};

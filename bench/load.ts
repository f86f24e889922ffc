import { Agent, request } from "node:http";

/** An HTTP/1.1 client with kept connections: a load generator must cost little beside what it measures. */
export interface LoadClient {
  post(path: string, body: string, token?: string): Promise<{ status: number; body: string; retryAfter?: string }>;
  get(path: string, token?: string): Promise<{ status: number; body: string }>;
  close(): void;
}

export const loadClient = (port: number, host: string, connections: number): LoadClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  const call = (method: string, path: string, body?: string, token?: string) =>
    new Promise<{ status: number; body: string; retryAfter?: string }>((resolve, reject) => {
      const headers: Record<string, string | number> = { host: `${host}:${port}` };
      if (body !== undefined) {
        headers["content-type"] = "application/json";
        headers["content-length"] = Buffer.byteLength(body);
      }
      if (token) headers.authorization = `Bearer ${token}`;
      const outgoing = request({ host: "127.0.0.1", port, path, method, agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const retryAfter = incoming.headers["retry-after"];
          resolve({
            status: incoming.statusCode ?? 0,
            body: Buffer.concat(chunks).toString("utf8"),
            ...(retryAfter && { retryAfter }),
          });
        });
        incoming.on("error", reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  return {
    post: (path, body, token) => call("POST", path, body, token),
    get: (path, token) => call("GET", path, undefined, token),
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

import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { problem } from "#protocol/problem.ts";
import { TransportFailure } from "#sync/ports.ts";
import { type Bearer, nodeProofs } from "./node-proofs.ts";

/** A cell's zone as a Node program reaches it: Node resolves no `.localhost` name, so it dials an address and names the host. */
export interface NodeEndpoint {
  /** `crew.northmoor.localhost` */
  host: string;
  port: number;
  /** Address to dial; 127.0.0.1 unless told. */
  dial?: string;
}

export interface NodeAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Uint8Array<ArrayBuffer>;
}

export interface NodeHttp {
  /** Resolves with any answer, whatever its status; rejects with a TransportFailure `unreachable` when there is none. */
  call(
    method: string,
    path: string,
    options?: { body?: string | Uint8Array; headers?: Record<string, string> },
  ): Promise<NodeAnswer>;
  close(): void;
}

const timeoutMs = 20_000;

/** `bearer` says who calls; undefined until the device is enrolled. */
export const nodeHttp = (endpoint: NodeEndpoint, bearer: () => Bearer | undefined): NodeHttp => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const proofs = nodeProofs();
  const host = `${endpoint.host}:${endpoint.port}`;
  const signIn = (method: string, path: string): Record<string, string> => {
    const as = bearer();
    return as === undefined ? {} : proofs.headers(method, `http://${host}${path.split("?", 1)[0]}`, as);
  };
  const send: NodeHttp["call"] = (method, path, { body, headers = {} } = {}) =>
    new Promise<NodeAnswer>((resolve, reject) => {
      const outgoing = request(
        {
          host: endpoint.dial ?? "127.0.0.1",
          port: endpoint.port,
          agent,
          method,
          path,
          timeout: timeoutMs,
          headers: {
            host,
            ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
            ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
            ...signIn(method, path),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", () => reject(new TransportFailure("unreachable", "The base broke off its answer.")));
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: new Uint8Array(Buffer.concat(chunks)),
            }),
          );
        },
      );
      outgoing.on("timeout", () => outgoing.destroy());
      outgoing.on("error", () => reject(new TransportFailure("unreachable", "The base did not answer.")));
      outgoing.end(body);
    });
  return {
    call: async (method, path, options) => {
      const answer = await send(method, path, options);
      return proofs.heard(answer) ? send(method, path, options) : answer;
    },
    close: () => agent.destroy(),
  };
};

const decoder = new TextDecoder();
export const jsonOf = (answer: NodeAnswer): unknown => {
  try {
    return JSON.parse(decoder.decode(answer.body));
  } catch {
    return undefined;
  }
};

/** What a status outside 2xx means to sync. */
export const failureOf = (answer: NodeAnswer): TransportFailure => {
  const said = problem.safeParse(jsonOf(answer)).data;
  const message = said === undefined ? `The base answered ${answer.status}.` : `${said.title} ${said.todo}`;
  const seconds = Number(answer.headers["retry-after"]);
  const retryAfterMs = said?.retryAfterMs ?? (Number.isFinite(seconds) ? seconds * 1000 : undefined);
  if (answer.status === 429 || answer.status >= 500) return new TransportFailure("busy", message, retryAfterMs);
  return new TransportFailure(answer.status === 401 || answer.status === 403 ? "refused" : "rejected", message);
};

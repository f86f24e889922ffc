import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { problem } from "#protocol/problem.ts";
import { TransportFailure } from "#sync/ports.ts";
import { type Bearer, type Caller, nodeProofs } from "./node-proofs.ts";

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
  /**
   * Resolves with any answer, whatever its status; rejects with a TransportFailure `unreachable` when there is none. `as`:
   * whose request it is, if not the sender's.
   */
  call(
    method: string,
    path: string,
    options?: { body?: string | Uint8Array; headers?: Record<string, string>; as?: Caller },
  ): Promise<NodeAnswer>;
  close(): void;
}

const timeoutMs = 20_000;

/** Whose requests they are. */
interface Sender {
  /** Undefined until the device is enrolled. */
  bearer(): Bearer | undefined;
  /** The token has run out: gets the next. False when there is none to be had. */
  renew(http: NodeHttp): Promise<boolean>;
}

/** The first proof has no nonce yet, and the token may have run out too. */
const sendsMax = 3;

export const nodeHttp = (endpoint: NodeEndpoint, sender: Sender): NodeHttp => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const proofs = nodeProofs();
  // Read at each request: a device moves to another server of its trust.
  const hostNow = (): string => `${endpoint.host}:${endpoint.port}`;
  const signIn = (method: string, path: string, as: Caller | undefined): Record<string, string> =>
    as === undefined ? {} : proofs.headers(method, `http://${hostNow()}${path.split("?", 1)[0]}`, as);
  const send: NodeHttp["call"] = (method, path, { body, headers = {}, as = sender.bearer() } = {}) =>
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
            host: hostNow(),
            ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
            ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
            ...signIn(method, path, as),
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
  const http: NodeHttp = {
    call: async (method, path, options) => {
      for (let sends = 1; ; sends++) {
        const answer = await send(method, path, options);
        const next = proofs.heard(answer);
        if (next === "done" || sends === sendsMax) return answer;
        const isRenewed = next === "renew-token" && options?.as === undefined && (await sender.renew(http));
        if (next === "renew-token" && !isRenewed) return answer;
      }
    },
    close: () => agent.destroy(),
  };
  return http;
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
  // As good as no answer: it is the trust's server no more.
  if (said?.code === "fenced") return new TransportFailure("unreachable", message);
  if (answer.status === 429 || answer.status >= 500) return new TransportFailure("busy", message, retryAfterMs);
  return new TransportFailure(answer.status === 401 || answer.status === 403 ? "refused" : "rejected", message);
};

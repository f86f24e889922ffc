import * as z from "zod/mini";
import type { LogName } from "#defence/log/line.ts";
import { signedOpening } from "../epochs/opening.ts";
import { type ArchiveEnd, EpochClosed, type Letterbox, NotNext } from "./letterbox.ts";

const archiveEnd = z.object({ epoch: z.int(), last: z.int(), hash: z.string(), root: z.string() });
const epochClosed = z.object({ code: z.literal("epoch-closed"), opened: z.int() });
const notNext = z.object({ code: z.literal("not-next"), end: archiveEnd });

/** A segment of 16 MB goes over a slow line in this time. */
const answerMsMax = 60_000;

/** The letterbox at an address, with the secret for one direction. What it refuses rejects with its words. */
export const letterboxClient = (address: string, secret: string): Letterbox => {
  const ask = async (path: string, body?: Buffer | string, type = "text/plain"): Promise<Response> => {
    const answer = await fetch(`${address}/letterbox/v1/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body !== undefined && {
          "content-type": typeof body === "string" ? type : "application/octet-stream",
        }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : new Uint8Array(body) }),
      signal: AbortSignal.timeout(answerMsMax),
    });
    if (answer.ok || answer.status === 404) return answer;
    const told: unknown = await answer.json().catch(() => undefined);
    const behind = notNext.safeParse(told);
    if (behind.success) throw new NotNext(behind.data.end);
    const closed = epochClosed.safeParse(told);
    if (closed.success) throw new EpochClosed(closed.data.opened);
    const { title = "no reason" } = (told ?? {}) as { title?: string };
    throw new Error(`The letterbox answered ${answer.status}: ${title}`);
  };
  const at = (trust: string, log: LogName): string => `${trust}/${log}`;
  return {
    take: async (trust, log, file) => archiveEnd.parse(await (await ask(at(trust, log), file)).json()),
    end: async (trust, log): Promise<ArchiveEnd> => archiveEnd.parse(await (await ask(at(trust, log))).json()),
    openEpoch: async (trust, opening) => {
      await ask(`${trust}/epochs`, JSON.stringify(opening), "application/json");
    },
    openings: async (trust) => {
      const answer = await ask(`${trust}/epochs`);
      return z.object({ openings: z.array(signedOpening) }).parse(await answer.json()).openings;
    },
    after: async (trust, log, position) => {
      const answer = await ask(`${at(trust, log)}/segments?after=${position}`);
      return z.object({ names: z.array(z.string()) }).parse(await answer.json()).names;
    },
    read: async (trust, log, name) => {
      const answer = await ask(`${at(trust, log)}/segments/${name}`);
      return answer.status === 404 ? undefined : Buffer.from(await answer.arrayBuffer());
    },
    takeBlob: async (trust, file) => {
      await ask(`${trust}/blobs`, file);
    },
    blobs: async (trust, after) => {
      const answer = await ask(`${trust}/blobs?after=${after}`);
      return z.object({ names: z.array(z.string()) }).parse(await answer.json()).names;
    },
    readBlob: async (trust, name) => {
      const answer = await ask(`${trust}/blobs/${name}`);
      return answer.status === 404 ? undefined : Buffer.from(await answer.arrayBuffer());
    },
    keepHead: async (trust, log, note) => {
      await ask(`${at(trust, log)}/heads`, note);
    },
    heads: async (trust, log, after) => {
      const answer = await ask(`${at(trust, log)}/heads?after=${after}`);
      return z.object({ heads: z.array(z.string()) }).parse(await answer.json()).heads;
    },
  };
};

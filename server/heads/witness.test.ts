import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { consistencyProof, emptyFrontier, extended, leafHash } from "#defence/log/tree.ts";
import { sizes } from "#test/sizes.ts";
import { rootHex, sha256 } from "../archive/hashing.ts";
import { logKeyText } from "../archive/log-key.ts";
import { makeOfficers, officerKeyPath, readOfficerKey } from "../epochs/officers.ts";
import { newOpening, type SignedOpening, withSignature } from "../epochs/opening.ts";
import { checkpointText, originOf } from "./checkpoint.ts";
import { cosignedAt, noteText, readSignatureLine, readVerifier, signNote } from "./note.ts";
import { witnessRequest } from "./witness.ts";
import { startWitness, type WitnessServer } from "./witness-server.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const origin = originOf("northmoor", "care");
const leavesOf = (word: string, count: number) =>
  Array.from({ length: count }, (_, i) => leafHash(sha256, Buffer.from(`${word} ${i}`)));
const honest = leavesOf("honest", 200);
/** The same for its first 60 lines. */
const forked = [...honest.slice(0, 60), ...leavesOf("forked", 140)];

interface Asked {
  from: number;
  size: number;
  /** What it goes on from, and what it says that it is. */
  before?: readonly Uint8Array[];
  leaves?: readonly Uint8Array[];
  key?: typeof privateKey;
  trust?: string;
  epoch?: number;
}
const headText = (size: number, leaves: readonly Uint8Array[] = honest, trust = "northmoor", epoch = 1): string => {
  const root = rootHex(extended(sha256, emptyFrontier, leaves.slice(0, size)));
  return checkpointText({ trust, log: "care", size, root, epoch, time: "2026-11-23T03:00:00.000Z" });
};
const requestOf = ({
  from,
  size,
  before = honest,
  leaves = honest,
  key = privateKey,
  trust = "northmoor",
  epoch,
}: Asked) => {
  const text = headText(size, leaves, trust, epoch);
  const note = noteText({ text, signatures: [signNote(text, originOf(trust, "care"), key)] });
  const proof = consistencyProof(
    sha256,
    extended(sha256, emptyFrontier, before.slice(0, from)),
    leaves.slice(from, Math.max(from, size)),
  );
  return { text, body: witnessRequest(from, proof, note) };
};

let folder: string;
let server: WitnessServer;
const start = async (): Promise<void> => {
  const directory = join(folder, "witness");
  const logKeyFiles = [join(folder, "northmoor.log-key")];
  server = await startWitness({ directory, name: "witness.example", logKeyFiles, bind: "127.0.0.1", port: 0 });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-witness-"));
  makeOfficers(folder, [folder], "northmoor");
  writeFileSync(join(folder, "northmoor.log-key"), `${logKeyText(createPublicKey(privateKey))}\n`);
  await start();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
const post = (body: string | Uint8Array<ArrayBuffer>) =>
  fetch(`http://127.0.0.1:${server.port}/add-checkpoint`, { method: "POST", body });
const ask = async (asked: Asked): Promise<number | string> => {
  const { text, body } = requestOf(asked);
  const answer = await post(body);
  const said = await answer.text();
  if (answer.status === 409) {
    expect(answer.headers.get("content-type")).toBe("text/x.tlog.size");
    return `409 ${said.trim()}`;
  }
  if (answer.ok) expect(cosignedAt(text, readSignatureLine(said.trim()), readVerifier(server.verifier))).toBeDefined();
  return answer.status;
};

describe("a witness", () => {
  test("signs what goes on from what it has seen, after a restart too", async () => {
    expect(await ask({ from: 0, size: 10 })).toBe(200);
    expect(await ask({ from: 10, size: 64 })).toBe(200);
    expect(await ask({ from: 64, size: 64 })).toBe(200);
    const { verifier } = server;
    await server.close();
    await start();
    expect(server.verifier).toBe(verifier);
    expect(await ask({ from: 10, size: 100 })).toBe("409 64");
    expect(await ask({ from: 0, size: 100 })).toBe("409 64");
    expect(await ask({ from: 64, size: 100 })).toBe(200);
    const { heads } = (await (await fetch(`http://127.0.0.1:${server.port}/heads`)).json()) as { heads: string[] };
    expect(heads.map((note) => note.split("\n", 2))).toEqual([[origin, "100"]]);
  });

  test("signs no second root for a size, no shorter log, and none that does not go on", async () => {
    expect(await ask({ from: 0, size: 100 })).toBe(200);
    expect(await ask({ from: 100, size: 100, leaves: forked })).toBe("409 100");
    expect(await ask({ from: 100, size: 120, leaves: forked, before: forked })).toBe(422);
    expect(await ask({ from: 60, size: 120, leaves: forked, before: forked })).toBe("409 100");
    expect(await ask({ from: 60, size: 80 })).toBe("409 100");
    expect(await ask({ from: 100, size: 80 })).toBe(400);
    expect(await ask({ from: 100, size: 120 })).toBe(200);
  });

  test("signs for no key and no log that it was not given", async () => {
    expect(await ask({ from: 0, size: 10, key: generateKeyPairSync("ed25519").privateKey })).toBe(403);
    expect(await ask({ from: 0, size: 10, trust: "westvale" })).toBe(404);
  });

  test("signs one of two that race from the same head", async () => {
    await ask({ from: 0, size: 50 });
    const asked = [...Array(8)].map((_, i) => ask({ from: 50, size: 70 + i, leaves: i % 2 ? forked : honest }));
    const statuses = await Promise.all(asked);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  test("signs nothing for garbage, whatever is changed in a request", async () => {
    await ask({ from: 0, size: 40 });
    const { body } = requestOf({ from: 40, size: 90 });
    const bytes = Buffer.from(body);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= by;
        const { status } = await post(new Uint8Array(changed));
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: Math.min(sizes.fuzz, 2_000) },
    );
    // The same bytes in another spelling, by the bits of base64 that carry nothing.
    const respelled = bytes
      .toString()
      .replace(/(.)=\n/, (_, sign: string) => `${String.fromCharCode(sign.charCodeAt(0) + 1)}=\n`);
    expect(respelled.length).toBe(bytes.toString().length);
    expect(Buffer.from(respelled.split("\n")[1]!, "base64")).toEqual(
      Buffer.from(bytes.toString().split("\n")[1]!, "base64"),
    );
    expect((await post(respelled)).status).toBe(400);
    for (const nonsense of ["", "\n", "old 1", "old 0\n\n", "old -1\n\n", `old 0\n${"A".repeat(40_000)}`])
      expect((await post(nonsense)).status).toBeGreaterThanOrEqual(400);
    expect(await ask({ from: 40, size: 90 })).toBe(200);
  });
});

describe("an epoch that the officers open", () => {
  const next = generateKeyPairSync("ed25519").privateKey;
  const openingAt = (size: number, officers: readonly number[]): SignedOpening => {
    const nothing = { position: 0, root: rootHex(emptyFrontier), segment: "" };
    const root = rootHex(extended(sha256, emptyFrontier, honest.slice(0, size)));
    const adopted = { care: { position: size, root, segment: "a".repeat(64) }, access: nothing, control: nothing };
    const about = {
      trust: "northmoor",
      epoch: 2,
      logKey: logKeyText(createPublicKey(next)),
      appendHash: "b".repeat(64),
    };
    const opening = newOpening({ ...about, adopted, made: "2026-11-23T03:00:00.000Z" });
    return officers
      .map((officer) => readOfficerKey(officerKeyPath(folder, "northmoor", officer)))
      .reduce(withSignature, opening);
  };
  const tell = async (opening: unknown): Promise<number> => {
    const url = `http://127.0.0.1:${server.port}/open-epoch`;
    return (await fetch(url, { method: "POST", body: JSON.stringify(opening) })).status;
  };

  test("is followed by its own key alone, also after a restart", async () => {
    expect(await ask({ from: 0, size: 50 })).toBe(200);
    expect(await ask({ from: 50, size: 60, key: next, epoch: 2 })).toBe(403);
    for (const opening of [openingAt(50, []), openingAt(50, [1]), { statement: "x" }, null])
      expect(await tell(opening)).toBe(400);
    expect(await ask({ from: 50, size: 60, key: next, epoch: 2 })).toBe(403);
    expect(await tell(openingAt(50, [1, 3]))).toBe(201);
    expect(await tell(openingAt(50, [1, 3]))).toBe(201);
    await server.close();
    await start();
    expect(await ask({ from: 50, size: 60, key: next, epoch: 2 })).toBe(200);
    for (const epoch of [1, 2]) expect(await ask({ from: 60, size: 70, epoch })).toBe(403);
  });

  test("goes on from before what was signed where the officers say so, and from nowhere else", async () => {
    expect(await ask({ from: 0, size: 100 })).toBe(200);
    // The control: without their word a fork is refused.
    expect(await ask({ from: 60, size: 120, before: forked, leaves: forked })).toBe("409 100");
    expect(await tell(openingAt(60, [2, 3]))).toBe(201);
    expect(await ask({ from: 100, size: 120, key: next, epoch: 2 })).toBe("409 60");
    expect(await ask({ from: 60, size: 120, before: forked, leaves: forked, key: next, epoch: 2 })).toBe(200);
    expect(await ask({ from: 120, size: 130, key: next, epoch: 2 })).toBe(422);
  });
});

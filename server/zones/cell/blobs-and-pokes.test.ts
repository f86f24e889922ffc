import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { limits } from "#protocol/limits.ts";
import { type Poke, pokeSubprotocol } from "#protocol/poke.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import { issueToken } from "#server/identity/tokens.ts";
import { bindToken, call, signedSubprotocols } from "#test/boot.ts";
import {
  destination,
  incident,
  note,
  push,
  runOf,
  sendChunk,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { useDevice, useServer } from "#test/set-up.ts";

const server = useServer({ settings: { HOLDFAST_SOCKETS_MAX: "3", HOLDFAST_BLOB_QUOTA_BYTES: "1000000" } });
const tablet = useDevice(server, "crew");
const screen = useDevice(server, "care");

describe("blobs", () => {
  const blob = randomBytes(150_000);
  const sha256 = createHash("sha256").update(blob).digest("hex");
  const chain = testChain();
  const path = () => `/blobs/v1/${chain.recordId}/${sha256}`;
  const type = "application/x-ecg";
  /** The chunk of the blob that begins here. */
  const patch = (offset: number, device = tablet) => {
    const chunk = blob.subarray(offset, offset + limits.blobChunkBytes);
    return sendChunk(server, device, chain.recordId, chunk, { offset, length: blob.length, sha256, type });
  };
  const head = (device: TestDevice) =>
    call(server, { zone: device.zone, method: "HEAD", path: path(), token: device.token });

  test("goes in chunks, resumes where it stopped, and comes out as it went in", async () => {
    // Entries go before their attachments, and make the record the tablet's own.
    await push(server, tablet, await runOf(tablet, chain, incident));
    expect((await head(tablet)).status).toBe(404);
    expect((await patch(0)).headers["upload-offset"]).toBe("65536");
    // A chunk sent again, or too early, is told where to go on.
    for (const at of [0, 131_072]) {
      const elsewhere = await patch(at);
      expect([elsewhere.status, elsewhere.headers["upload-offset"]]).toEqual([409, "65536"]);
    }
    const half = await head(tablet);
    expect([half.status, half.headers["upload-offset"], half.headers["upload-length"]]).toEqual([
      200,
      "65536",
      "150000",
    ]);
    expect((await call(server, { zone: "crew", path: path(), token: tablet.token })).status).toBe(404);
    await server.restart();
    expect((await patch(65_536)).status).toBe(204);
    expect((await patch(131_072)).status).toBe(204);
    const whole = await call(server, { zone: "crew", path: path(), token: tablet.token });
    expect([whole.status, whole.headers["content-type"], whole.bytes.equals(blob)]).toEqual([
      200,
      "application/x-ecg",
      true,
    ]);
    const part = await call(server, {
      zone: "crew",
      path: path(),
      token: tablet.token,
      headers: { range: "bytes=65530-65545" },
    });
    expect([part.status, part.headers["content-range"]]).toEqual([206, "bytes 65530-65545/150000"]);
    expect(part.bytes.equals(blob.subarray(65_530, 65_546))).toBe(true);
    const beyond = await call(server, {
      zone: "crew",
      path: path(),
      token: tablet.token,
      headers: { range: "bytes=150000-" },
    });
    expect(beyond.status).toBe(416);
  });

  test("a tablet whose term to read is over still learns where to go on, and reads nothing", async () => {
    const { keyRing } = server.cells.get("northmoor")!;
    const { deviceId } = tablet;
    const keyThumbprint = thumbprintOf(tablet.publicKey);
    const claims = { deviceId, zone: "crew", siteId: undefined, keyThumbprint, readsUntilMs: 1 } as const;
    const token = issueToken(keyRing.tokenKey, claims);
    const over = { ...tablet, token };
    bindToken(over);
    expect((await head(over)).headers["upload-offset"]).toBe("150000");
    expect((await call(server, { zone: "crew", path: path(), token })).json().code).toBe("sign-in-expired");
  });

  test("a screen gets it once the record comes to its site, and sends none", async () => {
    expect((await head(screen)).status).toBe(404);
    await push(server, tablet, await runOf(tablet, chain, incident, destination(southgate)));
    expect((await head(screen)).status).toBe(200);
    expect((await patch(0, screen)).json().code).toBe("blobs-read-only");
  });

  test("bytes that are not what the hash says are dropped, and it begins again", async () => {
    const data = Buffer.from("these bytes");
    const sha256 = "0".repeat(64);
    const wrong = await sendChunk(server, tablet, chain.recordId, data, { sha256 });
    expect([wrong.status, wrong.json().code]).toEqual([422, "wrong-hash"]);
    const to = `/blobs/v1/${chain.recordId}/${sha256}`;
    expect((await call(server, { zone: "crew", method: "HEAD", path: to, token: tablet.token })).status).toBe(404);
  });

  test("an oversized chunk, an oversized blob and a full quota are refused with what to do", async () => {
    const begin = (bytes: number, length: number) =>
      sendChunk(server, tablet, chain.recordId, Buffer.alloc(bytes), { length, sha256: "1".repeat(64) });
    expect((await begin(limits.blobChunkBytes + 1, 100_000)).status).toBe(413);
    expect((await begin(10, limits.blobBytesMax + 1)).json().code).toBe("bad-chunk");
    expect((await begin(10, 900_000)).json().code).toBe("blob-quota");
  });
});

describe("pokes", () => {
  const dial = async ({ zone, token }: Pick<TestDevice, "zone" | "token">) => {
    const path = "/sync/v1/poke";
    const signedIn = await signedSubprotocols(server, { zone, path, token });
    return new WebSocket(`ws://127.0.0.1:${server.ports[zone]}${path}`, [pokeSubprotocol, ...signedIn], {
      headers: { host: `${zone}.northmoor.localhost:${server.ports[zone]}` },
    });
  };
  const pokesOf = (socket: WebSocket): Poke[] => {
    const pokes: Poke[] = [];
    socket.on("message", (data) => pokes.push(JSON.parse(String(data))));
    return pokes;
  };

  test("who watches a record hears of it, the site's screen hears of its board, and a stop says bye", async () => {
    const chain = testChain();
    const watcher = await dial(tablet);
    const board = await dial(screen);
    const [heard, boardHeard] = [pokesOf(watcher), pokesOf(board)];
    await Promise.all([once(watcher, "open"), once(board, "open")]);
    watcher.send(JSON.stringify({ watch: [chain.recordId] }));
    const first = await push(server, tablet, await runOf(tablet, chain, incident, destination(southgate)));
    // The watch message and the push travel apart; from here on it is known.
    await expect
      .poll(async () => {
        await push(server, tablet, await runOf(tablet, chain, note("again")));
        return heard.length;
      })
      .toBeGreaterThan(0);
    expect(heard[0]).toMatchObject({ poke: "record", recordId: chain.recordId, epoch: first.server.epoch });
    await expect.poll(() => boardHeard[0]).toEqual({ poke: "arrivals", siteId: "southgate-ed" });
    const closed = Promise.all([once(watcher, "close"), once(board, "close")]);
    await server.restart();
    await closed;
    expect(heard.at(-1)).toEqual({ poke: "bye", reason: "stopping", retryAfterMs: 3000 });
  });

  test("no sign-in is refused, nonsense ends the socket, and beyond the cap the newcomer is refused", async () => {
    const refused = async (socket: WebSocket) => {
      const [, answer] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
      socket.on("error", () => {});
      socket.terminate();
      return answer.statusCode;
    };
    expect(await refused(await dial({ zone: "crew", token: "nobody" }))).toBe(401);
    const nonsense = await dial(tablet);
    await once(nonsense, "open");
    nonsense.send("{");
    expect((await once(nonsense, "close"))[0]).toBe(1008);
    const open = await Promise.all([dial(tablet), dial(tablet), dial(tablet)]);
    await Promise.all(open.map((socket) => once(socket, "open")));
    expect(await refused(await dial(tablet))).toBe(503);
    expect(open.every((socket) => socket.readyState === WebSocket.OPEN)).toBe(true);
    for (const socket of open) socket.terminate();
  });
});

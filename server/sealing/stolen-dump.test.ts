import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { bootForTest, call } from "#test/boot.ts";
import {
  destination,
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  southgate,
  testChain,
} from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import type { KeyRing, RecordKey } from "./key-ring.ts";

const marker = "QuillMarker77";
const nhsNumber = "9991234560";

/** Files of the database that hold any planted word, after all was flushed. */
const filesWithMarkers = async (keyRing?: (trust: string) => KeyRing): Promise<string[]> => {
  const server = await bootForTest(keyRing ? { keyRing } : {});
  try {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const patient = { identity: "stated", familyName: `DEMO-${marker}`, nhsNumber: { is: nhsNumber } };
    await push(
      server,
      tablet,
      await runOf(
        tablet,
        chain,
        incident,
        { kind: "patient", body: patient },
        note(`${marker} says`),
        destination(southgate),
      ),
    );
    await push(server, tablet, {
      ...(await runOf(tablet, testChain(), incident)),
      entries: [`not an entry ${marker}`],
    });
    const blob = Buffer.from(`${marker} in a picture`);
    const sha256 = createHash("sha256").update(blob).digest("hex");
    const sent = await call(server, {
      zone: "crew",
      method: "PATCH",
      path: `/blobs/v1/${chain.recordId}/${sha256}`,
      token: tablet.token,
      body: blob,
      headers: {
        "content-type": "application/offset+octet-stream",
        "upload-offset": "0",
        "upload-length": String(blob.length),
        "upload-type": "image/png",
      },
    });
    expect(sent.status).toBe(204);
    expect((await pull(server, tablet, chain.recordId)).lines).toHaveLength(4);
    await sql(server.cells.get("northmoor")!.databaseUrl("owner"), "SELECT pg_sleep(0)");
    await server.restart();
    const found = execFileSync("sh", ["-c", `grep -rlaE '${marker}|${nhsNumber}' '${server.dataDirectory}' || true`], {
      encoding: "utf8",
    });
    return found.split("\n").filter(Boolean);
  } finally {
    await server.remove();
  }
};

/** Seals nothing: what the test above is worth. */
const openKeyRing = (): KeyRing => {
  const plain: RecordKey = {
    wrapped: Buffer.from("none"),
    seal: (bytes) => Buffer.from(bytes),
    open: (bytes) => Buffer.from(bytes),
  };
  return {
    newRecordKey: () => plain,
    recordKey: () => plain,
    seal: (_use, text) => Buffer.from(text),
    open: (_use, sealed) => Buffer.from(sealed).toString(),
    sealBytes: (_use, bytes) => Buffer.from(bytes),
    openBytes: (_use, sealed) => Buffer.from(sealed),
    blind: (_field, word) => Buffer.from(word),
    tokenKey: Buffer.alloc(32),
    formerTokenKeys: [],
    derive: () => Buffer.alloc(32),
  };
};

test("a stolen dump is noise: no planted word is in any file of the data directory", async () => {
  expect(await filesWithMarkers()).toEqual([]);
});

test("control: with sealing off the same words are found", async () => {
  expect((await filesWithMarkers(openKeyRing)).length).toBeGreaterThan(0);
});

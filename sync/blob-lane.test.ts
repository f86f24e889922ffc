import { expect, test } from "vitest";
import { limits } from "#protocol/limits.ts";
import { type BlobUpload, newUpload, nextStep, updateUpload } from "./blob-lane.ts";

const size = limits.blobChunkBytes * 2 + 100;

test("a blob goes in chunks from the offset that the server says", () => {
  let upload = newUpload(size);
  expect(nextStep(upload, 0)).toEqual({ do: "ask" });
  const sent: [number, number][] = [];
  let stored = 10;
  upload = updateUpload(upload, { type: "offset", offset: stored });
  for (let step = nextStep(upload, 0); step.do === "send"; step = nextStep(upload, 0)) {
    sent.push([step.from, step.to]);
    stored = step.to;
    upload = updateUpload(upload, { type: "offset", offset: stored });
  }
  expect(sent.map(([from]) => from)).toEqual([10, 10 + limits.blobChunkBytes, 10 + 2 * limits.blobChunkBytes]);
  expect(sent.at(-1)?.[1]).toBe(size);
  expect(upload).toEqual({ at: "stored", size });
});

test("a server that went back is believed", () => {
  const upload = updateUpload({ at: "sending", size, offset: 65_536, failures: 0 }, { type: "offset", offset: 0 });
  expect(nextStep(upload, 0)).toMatchObject({ do: "send", from: 0 });
});

test("[S06] a blob never goes before an entry", () => {
  const uploads: BlobUpload[] = [newUpload(size), { at: "sending", size, offset: 0, failures: 0 }];
  for (const upload of uploads) expect(nextStep(upload, 1)).toEqual({ do: "nothing" });
});

test("[S08] after a failure it rests and asks again, also when the clock jumps back ten years", () => {
  const nowMs = Date.UTC(2026, 0, 15);
  const resting = updateUpload(newUpload(size), { type: "failed", nowMs, delayMs: 5_000 });
  expect(nextStep(resting, 0)).toEqual({ do: "wait", untilMs: nowMs + 5_000 });
  expect(updateUpload(resting, { type: "tick", nowMs: nowMs + 4_999 })).toEqual(resting);
  for (const later of [nowMs + 5_000, Date.UTC(2016, 0, 15)]) {
    expect(nextStep(updateUpload(resting, { type: "tick", nowMs: later }), 0)).toEqual({ do: "ask" });
  }
});

test("what can never be taken is refused once, with a code", () => {
  expect(newUpload(limits.blobBytesMax + 1)).toMatchObject({ at: "refused", code: "too-large" });
  const refused = updateUpload(newUpload(size), { type: "hash-mismatch" });
  expect(updateUpload(refused, { type: "offset", offset: 0 })).toEqual(refused);
  expect(updateUpload(newUpload(size), { type: "offset", offset: size + 1 })).toMatchObject({ at: "unknown" });
});

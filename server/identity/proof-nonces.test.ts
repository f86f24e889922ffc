import { expect, test } from "vitest";
import { createProofNonces } from "./proof-nonces.ts";

test("many proofs begin the next nonce early, and the oldest go with all that was proved with them", () => {
  const nonces = createProofNonces(() => 0);
  const first = nonces.newest();
  const each = new Set([first]);
  for (let n = 0; n < 80_000; n++) {
    const nonce = nonces.newest();
    each.add(nonce);
    expect(nonces.take(nonce, `proof ${n}`)).toBe("taken");
  }
  expect(each.size).toBe(4);
  expect(nonces.take(first, "proof 0")).toBe("replayed");
  for (let n = 80_000; n < 100_001; n++) nonces.take(nonces.newest(), `proof ${n}`);
  // Forgotten together: what cannot be told from a replay is not taken.
  expect(nonces.take(first, "proof 0")).toBe("stale");
  expect(nonces.isStale(first)).toBe(true);
});

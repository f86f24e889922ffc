import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for what the tests of one run share, named to them in HOLDFAST_TEST_SHARED. */
export default (): (() => void) | undefined => {
  // Each project asks for it.
  if (process.env.HOLDFAST_TEST_SHARED !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-run-"));
  process.env.HOLDFAST_TEST_SHARED = folder;
  return () => rmSync(folder, { recursive: true, force: true });
};

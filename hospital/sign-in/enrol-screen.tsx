import { type FormEvent, useState } from "react";
import { CodeField } from "#ui/code-field.tsx";
import { Fault } from "#ui/fault.tsx";
import type { Cell } from "../cells/cell.ts";
import { useCells } from "../cells/use-cells.ts";

type Result = { trust: string; words: string };

/** One code makes this screen a device of every trust that brings patients here; a trust that cannot be reached is tried again. */
export const EnrolScreen = ({ onDone }: { onDone?: (() => void) | undefined }) => {
  const { cells, snapshots } = useCells();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<Result[]>([]);
  const missing = cells.filter((_, index) => snapshots[index]?.client.phase === "new");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const results = await Promise.all(missing.map((cell) => enrol(cell, code.trim())));
    const failed = results.filter((result) => result !== null);
    setFaults(failed);
    setBusy(false);
    if (failed.length < missing.length) onDone?.();
  };

  return (
    <main className="centre">
      <form className="card enrol stack" onSubmit={submit}>
        <h1>Set up this screen</h1>
        <p className="soft">
          The code names the department. This screen then shows its arrivals, from {listOf(snapshots.map(nameOf))}.
        </p>
        <CodeField label="Screen code" value={code} onChange={setCode} />
        {faults.map(({ trust, words }) => (
          <Fault key={trust} words={`${trust}: ${words}`} />
        ))}
        <button type="submit" className="button big" disabled={busy || code.trim() === ""}>
          {busy ? "Setting up…" : "Set up this screen"}
        </button>
        <p className="faint">Demonstration: the code is DEMO-SCREEN-SOUTHGATE.</p>
      </form>
    </main>
  );
};

const nameOf = ({ endpoint }: { endpoint: { name: string } }): string => endpoint.name;
const listOf = (names: readonly string[]): string => names.join(" and ") || "no ambulance service yet";

const enrol = async (cell: Cell, code: string): Promise<Result | null> => {
  const { endpoint } = cell.getSnapshot();
  try {
    await cell.client.enrol(endpoint.care, code);
    return null;
  } catch (failure) {
    return { trust: endpoint.name, words: failure instanceof Error ? failure.message : "not reached. Try again." };
  }
};

import type { Cell } from "../cell.ts";
import { ProblemError } from "./problem-error.ts";

/** 410 of a record that has ended, to whoever names it: its id cannot be guessed, so the caller has been told it. */
export const disposedProblem = (): ProblemError =>
  new ProblemError(
    410,
    "disposed",
    "This record has ended: it was disposed of.",
    "The trust's records office can say when and why; nobody can read it any more.",
  );

export const refuseDisposed = (cell: Cell, recordId: string): void => {
  if (cell.disposed.has(recordId)) throw disposedProblem();
};

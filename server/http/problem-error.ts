import type { Problem } from "#protocol/problem.ts";

/** A refusal with a status, a stable code and what to do about it. Holds no patient data: it is sent and logged. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem;
  constructor(status: number, code: string, title: string, todo: string, retryAfterMs?: number) {
    super(title);
    this.name = "ProblemError";
    this.status = status;
    this.problem = { code, title, todo, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}

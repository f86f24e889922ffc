/** The server's refusal, or its silence, as a page shows it. */
export class DeskFailure extends Error {
  /** Of the problem: `changed-meanwhile`, `step-up`; `unreachable` without an answer. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "DeskFailure";
    this.code = code;
  }
}

/** The part of cli-progress that the commands use; the package has no types of its own. */
declare module "cli-progress" {
  export class SingleBar {
    constructor(options: { format: string });
    /** `payload`: further names of the format. */
    start(total: number, value: number, payload?: Record<string, string>): void;
    setTotal(total: number): void;
    update(value: number, payload?: Record<string, string>): void;
    increment(by: number): void;
    stop(): void;
  }
}

/** The part of cli-progress that the commands use; the package has no types of its own. */
declare module "cli-progress" {
  export class SingleBar {
    constructor(options: { format: string });
    start(total: number, value: number): void;
    increment(by: number): void;
    stop(): void;
  }
}

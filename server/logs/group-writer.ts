/** Groups what is waiting into one call at a time: the cost of a commit is shared by all who wait for it. */
export class GroupWriter<Item, Result> {
  readonly #write: (items: Item[]) => Promise<Result[]>;
  readonly #groupMax: number;
  readonly #waitingMax: number;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #running = false;

  constructor(write: (items: Item[]) => Promise<Result[]>, groupMax: number, waitingMax: number) {
    this.#write = write;
    this.#groupMax = groupMax;
    this.#waitingMax = waitingMax;
  }

  /** Resolves after the commit of the item's group; rejects if that failed, or at once when too many wait. */
  add(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#waitingMax) return Promise.reject(new Error("Too many lines are waiting."));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#groupMax);
      try {
        const results = await this.#write(group.map(({ item }) => item));
        group.forEach(({ resolve }, i) => {
          resolve(results[i]!);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = false;
  }
}

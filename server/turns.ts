/** Runs tasks one after the other, in the order they were given; one that fails holds up none. */
export type Turns = <T>(task: () => Promise<T>) => Promise<T>;

export const createTurns = (): Turns => {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task, task);
    last = next.catch(() => {});
    return next;
  };
};

/**
 * What `read` makes of each item, in order. While the caller works on one, as many as `ahead` more are being read: one side waits for the
 * disk, the database or a thread as the other computes. Where the items end in a failure, what was before it comes first.
 */
export async function* readAhead<Item, Read>(
  items: Iterable<Item> | AsyncIterable<Item>,
  read: (item: Item) => Promise<Read>,
  ahead = 1,
): AsyncGenerator<Read> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const reading: Promise<Read>[] = [];
  const add = (next: Promise<Read>): void => {
    // One that fails is told of in its turn; the caller may have gone by then.
    next.catch(() => {});
    reading.push(next);
  };
  const addNext = async (): Promise<boolean> => {
    try {
      const next = await source.next();
      if (!next.done) add(read(next.value));
      return !next.done;
    } catch (error) {
      add(Promise.reject(error));
      return false;
    }
  };
  try {
    for (let isMore = true; ; ) {
      while (isMore && reading.length <= ahead) isMore = await addNext();
      const first = reading.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await source.return?.();
  }
}

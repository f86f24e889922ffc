/**
 * What `read` makes of each item, in order. While the caller works on one, the next is being read: one side waits for the disk or the
 * database as the other computes. At most two are in memory.
 */
export async function* readAhead<Item, Read>(
  items: Iterable<Item>,
  read: (item: Item) => Promise<Read>,
): AsyncGenerator<Read> {
  let ready: Promise<Read> | undefined;
  for (const item of items) {
    const next = read(item);
    // One that fails is told of in its turn; the caller may have gone by then.
    next.catch(() => {});
    if (ready !== undefined) yield await ready;
    ready = next;
  }
  if (ready !== undefined) yield await ready;
}

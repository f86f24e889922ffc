/** Some at a time: the enrolment of a tablet costs the server a key derivation. */
const atOnce = 8;

/** Makes so many things, in any order. */
export const several = async <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> => {
  const made: T[] = [];
  const left = Array.from({ length: Math.floor(count) }, (_, index) => index);
  const worker = async (): Promise<void> => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) made.push(await make(index));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return made;
};

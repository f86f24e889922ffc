import { filmLimits } from "#sharing/film/limits.ts";
import type { Sealed } from "../database.ts";

const through = async (bytes: Sealed, stream: GenericTransformStream, bytesMax: number): Promise<Sealed> => {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader() as ReadableStreamDefaultReader<Sealed>;
  const parts: Sealed[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new RangeError("more than a film holds");
    }
    parts.push(read.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};

/** DEFLATE without a header. Rejects with a RangeError beyond a film's limit. */
export const deflate = (bytes: Sealed): Promise<Sealed> =>
  through(bytes, new CompressionStream("deflate-raw"), filmLimits.textBytesMax);
/** Rejects where the bytes are not DEFLATE, and beyond a film's limit: a small film must not fill a memory. */
export const inflate = (bytes: Sealed): Promise<Sealed> =>
  through(bytes, new DecompressionStream("deflate-raw"), filmLimits.textBytesMax);

import { filmLimits } from "#sharing/film/limits.ts";
import type { Sealed } from "../database.ts";

const through = async (bytes: Sealed, stream: GenericTransformStream, bytesMax: number): Promise<Sealed> => {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new RangeError("more than a film holds");
    }
    parts.push(read.value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** DEFLATE without a header. Rejects with a RangeError beyond a film's limit. */
export const deflate = (bytes: Sealed): Promise<Sealed> =>
  through(bytes, new CompressionStream("deflate-raw"), filmLimits.textBytesMax);
/** Rejects where the bytes are not DEFLATE, and beyond a film's limit: a small film must not fill a memory. */
export const inflate = (bytes: Sealed): Promise<Sealed> =>
  through(bytes, new DecompressionStream("deflate-raw"), filmLimits.textBytesMax);

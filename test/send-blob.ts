import { hash } from "node:crypto";
import { limits } from "#protocol/limits.ts";
import { sendChunk, type TestDevice } from "./devices.ts";

/** Sends an attachment whole, as a tablet does, in chunks; resolves to its hash. */
export const sendBlob = async (
  server: Parameters<typeof sendChunk>[0],
  device: TestDevice,
  recordId: string,
  data: Buffer,
  type: string,
): Promise<string> => {
  const sha256 = hash("sha256", data);
  for (let offset = 0; offset < data.length; offset += limits.blobChunkBytes) {
    const chunk = data.subarray(offset, offset + limits.blobChunkBytes);
    const sent = await sendChunk(server, device, recordId, chunk, { offset, length: data.length, sha256, type });
    if (sent.status !== 204) throw new Error(`A chunk was answered ${sent.status}.`);
  }
  return sha256;
};

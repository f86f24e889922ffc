import { type FileHandle, open } from "node:fs/promises";

/** The header of a file in a tar (POSIX ustar), 512 bytes, and the same for the same name and size everywhere and always. */
export const tarHeader = (name: string, bytes: number): Buffer => {
  if (Buffer.byteLength(name) > 100 || bytes > fileBytesMax) throw new Error(`${name} does not fit into a tar.`);
  const header = Buffer.alloc(block);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  header.write(name, 0);
  header.write("0000444\0" + "0000000\0" + "0000000\0", 100);
  header.write(`${octal(bytes, 11)}\0${octal(0, 11)}\0`, 124);
  // The checksum is over a header in which it is eight spaces.
  header.write("        " + "0", 148);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
};
const block = 512;
const fileBytesMax = 8 ** 11 - 1;

export interface TarWriter {
  /** Appends a file; `onBytes` sees what is written. Resolves to its size, bytes. */
  add(
    name: string,
    content: Iterable<string> | AsyncIterable<string>,
    onBytes: (bytes: Buffer) => void,
  ): Promise<number>;
  /** Ends the tar; resolves once it is durable. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Text is gathered to so many characters before it is written. */
const gathered = 1_000_000;

/** Writes a new file that only its owner may read; rejects where there is one. Holds about a megabyte at a time. */
export const createTar = async (path: string): Promise<TarWriter> => {
  const file = await open(path, "wx", 0o600);
  let at = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    await writeAll(file, bytes, at);
    at += bytes.length;
  };
  return {
    add: async (name, content, onBytes) => {
      const headerAt = at;
      // Its size is known at the end.
      at += block;
      let text = "";
      const flush = async (): Promise<void> => {
        const bytes = Buffer.from(text);
        text = "";
        onBytes(bytes);
        await write(bytes);
      };
      for await (const piece of content) {
        text += piece;
        if (text.length > gathered) await flush();
      }
      await flush();
      const bytes = at - headerAt - block;
      await writeAll(file, tarHeader(name, bytes), headerAt);
      await write(Buffer.alloc((block - (bytes % block)) % block));
      return bytes;
    },
    end: async () => {
      await write(Buffer.alloc(2 * block));
      await file.sync();
    },
    close: () => file.close(),
  };
};

const writeAll = async (file: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
};

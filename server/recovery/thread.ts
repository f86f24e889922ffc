import Tinypool, { kTransferable, kValue } from "tinypool";
import { BadSealedFile } from "../archive/sealed-file.ts";
import type { Segment } from "../archive/segment.ts";
import type { ProjectedPage } from "../projection/projected-page.ts";
import { type OpenedLines, openLines } from "./open-lines.ts";
import { type CareToPack, type PackedCare, packCare } from "./pack-care.ts";
import { projectLines } from "./project-lines.ts";

/**
 * What a restore's threads do: computing that reaches neither disk nor database. What is handed between threads loses its class, and of
 * an error its fields: faults come as values, and buffers as plain bytes. What was opened is shared and never written again.
 */

type Plain<Value> = { [Key in keyof Value]: Value[Key] extends Buffer ? Uint8Array : Value[Key] };
export interface ToOpen extends Plain<Pick<Segment, "header" | "sealed">> {
  /** age identity. */
  identity: string;
}
export type Opened = Plain<OpenedLines> | { code: BadSealedFile["code"]; words: string };

export const open = async ({ header, sealed, identity }: ToOpen): Promise<Opened> => {
  try {
    const { opened, ...found } = await openLines({ header, sealed: asBuffer(sealed) }, identity);
    const shared = Buffer.from(new SharedArrayBuffer(opened.length));
    shared.set(opened);
    return { ...found, opened: shared };
  } catch (error) {
    if (!(error instanceof BadSealedFile)) throw error;
    return { code: error.code, words: error.message };
  }
};

export type Packed = Omit<PackedCare, "rows"> & { rows: Uint8Array<ArrayBuffer>[] };

export const pack = (care: Plain<CareToPack>): unknown => {
  const packed: Packed = packCare({ ...care, opened: asBuffer(care.opened) });
  const memory = packed.rows.map(({ buffer }) => buffer);
  return Tinypool.move({ [kTransferable]: memory, [kValue]: packed });
};

/** `records`: each one's runs of lines. */
export const project = (records: readonly (readonly Uint8Array[])[]): ProjectedPage =>
  projectLines(records.map((runs) => runs.map(asBuffer)));

export const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
